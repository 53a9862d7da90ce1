"""What the measures of a generator mean, for people who read a report without the program at hand."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """What a measure is. `better`: higher, lower, or what the value should be like; '' where none is."""

    text: str
    better: str = ""
    unit: str = ""


MEANINGS = {
    "modes": Meaning("modes of the mixture with at least one sample within 3 standard deviations", "higher"),
    "modes_total": Meaning("modes that the mixture has"),
    "high_quality": Meaning(
        "samples within 3 standard deviations of the nearest mode; perfect samples in the plane reach 98.9 %",
        "higher",
        "%",
    ),
    "reverse_kl": Meaning("KL divergence of the samples' shares of the modes from equal ones, in nats", "lower"),
    "w1": Meaning("Wasserstein-1 distance, in standard deviations of the data", "lower"),
    "mean": Meaning("mean of the samples", "the data's"),
    "sd": Meaning("standard deviation of the samples", "the data's"),
    "frechet_pixels": Meaning(
        "Fréchet distance on raw pixels: between Gaussians of equal means and covariances; not to be compared with "
        "values on the features of a classifier",
        "lower",
    ),
    "frechet": Meaning("Fréchet distance on columns standardised by the data", "lower"),
    "precision": Meaning("share of samples that lie where data lies: fidelity", "higher"),
    "recall": Meaning("share of the data that lies where samples lie: variety", "higher"),
    "nn_distance": Meaning(
        "mean distance of a sample to the nearest example; far below nn_distance_data it copies, far above it is off",
        "nn_distance_data",
    ),
    "nn_distance_data": Meaning("mean distance of an example to the nearest other one"),
    "class_shares": Meaning(
        "share of each class among the samples, by the labels of their nearest examples", "the data's"
    ),
    "mean_error": Meaning("largest difference of a column's means, in standard deviations of the data", "lower"),
    "sd_error": Meaning(
        "largest relative difference of a column's standard deviations; 1 is a collapsed column", "lower"
    ),
    "correlation_error": Meaning("mean absolute difference of the correlations between columns", "lower"),
    "class_accuracy": Meaning(
        "share of samples in which a classifier trained on data alone sees what was asked for", "class_accuracy_data"
    ),
    "class_accuracy_data": Meaning("the same classifier's accuracy on data it was not trained on"),
    "class_diversity": Meaning("how varied a class is beside the data's: ratio of mean distances of two members", "1"),
    "nonfinite": Meaning("samples left out because they are not finite", "0"),
}
