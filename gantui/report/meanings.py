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
    "frechet_features": Meaning("Fréchet distance on the features that `features` names", "lower"),
    "kernel_distance_features": Meaning("kernel distance (KID) on the features that `features` names", "lower"),
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
    "share_error": Meaning("largest difference of a category's shares, in percentage points", "lower"),
    "copied": Meaning("share of samples that are rows of the data", "lower"),
    "accuracy_synthetic": Meaning(
        "right answers about rows held out, of a classifier that learnt from samples", "accuracy_real"
    ),
    "accuracy_real": Meaning("the same of one that learnt from the data"),
    "class_accuracy": Meaning(
        "share of samples in which a classifier trained on data alone sees what was asked for", "class_accuracy_data"
    ),
    "class_accuracy_data": Meaning("the same classifier's accuracy on data it was not trained on"),
    "class_diversity": Meaning("how varied a class is beside the data's: ratio of mean distances of two members", "1"),
    "nonfinite": Meaning("samples left out because they are not finite", "0"),
    "class_accuracy_all": Meaning("share of samples with every attribute as asked for", "higher"),
    "attribute_accuracy": Meaning("class_accuracy of each attribute", "attribute_accuracy_data"),
    "attribute_accuracy_data": Meaning("class_accuracy_data of each attribute"),
    "diversity_by_class": Meaning("class_diversity of each class", "1"),
    "valid": Meaning("share of samples that obey the grammar", "higher"),
    "distinct": Meaning("number of different samples over that of all", "higher"),
    "novel": Meaning("share of samples that are not in the data", "higher"),
}
for n in (1, 2, 3, 4):
    MEANINGS[f"ngram_js_{n}"] = Meaning(f"Jensen-Shannon divergence of the {n}-grams, in bits", f"ngram_js_{n}_floor")
    MEANINGS[f"ngram_js_{n}_floor"] = Meaning("the same between two parts of the data: less can't be expected")
