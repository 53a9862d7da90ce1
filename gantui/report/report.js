"use strict";
// Nothing of the run is in here: what is shown stands in the page, this moves what is there.
(() => {
  const root = document.documentElement;
  const all = (where, what) => [...where.querySelectorAll(what)];
  root.classList.add("js");

  const theme = document.querySelector(".theme");
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  for (const box of all(document, ".timeline")) {
    const frames = all(box, ".frame"), slider = box.querySelector("input"), play = box.querySelector("button");
    let timer = 0;
    const show = () => frames.forEach((frame, index) => frame.classList.toggle("now", index === +slider.value));
    const stop = () => { clearInterval(timer); timer = 0; play.textContent = "▶"; };
    slider.addEventListener("input", () => { stop(); show(); });
    play.addEventListener("click", () => {
      if (timer) return stop();
      if (+slider.value === frames.length - 1) slider.value = 0;
      play.textContent = "❚❚";
      timer = setInterval(() => {
        slider.value = +slider.value + 1;
        show();
        if (+slider.value >= frames.length - 1) stop();
      }, 150);
      show();
    });
    slider.value = frames.length - 1;  // a reloaded page remembers another
    show();
  }

  // One cursor in all plots over steps: the legends say the values there.
  const plots = all(document, "svg.plot[data-x0]").map((svg) => {
    const { left, right, top, foot, x0, x1, y0, y1, log } = svg.dataset;
    return { svg, left: +left, right: +right, top: +top, foot: +foot, x0: +x0, x1: +x1, y0: +y0, y1: +y1, log, lines: null };
  });
  const round = (value) => String(+value.toPrecision(3));
  const read = (plot) => plot.lines ??= all(plot.svg, "path.mean").map((path) => ({
    key: path.dataset.key,
    points: (path.getAttribute("d").match(/-?[\d.]+,-?[\d.]+/g) || []).map((pair) => pair.split(",").map(Number)),
  }));
  const valueAt = (plot, y) => {
    const share = (plot.foot - y) / (plot.foot - plot.top);
    return plot.log ? plot.y0 * (plot.y1 / plot.y0) ** share : plot.y0 + share * (plot.y1 - plot.y0);
  };
  const point = (share) => {
    for (const plot of plots) {
      const x = plot.left + share * (plot.right - plot.left);
      const cursor = plot.svg.querySelector(".cursor");
      cursor.setAttribute("transform", `translate(${x} 0)`);
      cursor.setAttribute("visibility", "visible");
      if (!plot.svg.clientWidth) continue;  // the other of linear and logarithmic is shown
      for (const { key, points } of read(plot)) {
        if (!points.length) continue;
        const near = points.reduce((a, b) => (Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a));
        const said = plot.svg.closest("figure").querySelector(`b[data-key="${key}"]`);
        said.dataset.last ??= said.textContent;
        said.textContent = round(valueAt(plot, near[1]));
      }
      const place = plot.svg.closest("figure").querySelector(".at");
      if (place) place.textContent = `step ${Math.round(plot.x0 + share * (plot.x1 - plot.x0)).toLocaleString("en")}`;
    }
  };
  const leave = () => {
    for (const { svg } of plots) svg.querySelector(".cursor").setAttribute("visibility", "hidden");
    for (const said of all(document, "b[data-last]")) said.textContent = said.dataset.last;
    for (const place of all(document, ".at")) place.textContent = "";
  };
  for (const plot of plots) {
    plot.svg.addEventListener("pointermove", (event) => {
      const box = plot.svg.getBoundingClientRect(), view = plot.svg.viewBox.baseVal;
      const share = ((event.clientX - box.left) / box.width * view.width - plot.left) / (plot.right - plot.left);
      if (share < 0 || share > 1) leave(); else point(share);
    });
    plot.svg.addEventListener("pointerleave", leave);
  }
})();
