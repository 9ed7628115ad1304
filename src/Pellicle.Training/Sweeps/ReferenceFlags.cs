namespace Pellicle.Training.Sweeps;

/// <summary>Flags of NeuraCrypt's reference (yala/NeuraCrypt, configs/cxr) as settings of ours.</summary>
internal static class ReferenceFlags
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["batch_size"] = "train.batch",
        ["max_epochs"] = "train.epochs",
        ["init_lr"] = "train.lr",
        ["class_bal"] = "train.classBalance",
        ["tuning_metric"] = "train.tuningMetric",
        ["dataset"] = "data.label",
        ["cross_val_seed"] = "seed",
        ["hidden_dim"] = "model.encoderHidden",
        ["private_kernel_size"] = "model.encoderPatch",
        ["private_depth"] = "model.encoderDepth",
        ["model_name"] = "model.name",
    };

    // Processes, loaders and what is always done here: training, validation and test, with each hospital tested again.
    private static readonly string[] WithoutMeaning =
        ["train", "dev", "test", "gpus", "num_workers", "save_dir", "image_augmentations", "rlc_cxr_test", "rlc_private_multi_host", "cuda", "use_same_dist"];

    /// <summary>The key of ours; null if the name is none of the reference's.</summary>
    /// <param name="flag">Such as "init_lr".</param>
    public static string? KeyOf(string flag) => Names.GetValueOrDefault(flag);

    /// <summary>True if a flag says how the reference runs, not what it computes.</summary>
    /// <param name="flag">Such as "gpus".</param>
    public static bool IsWithoutMeaning(string flag) => WithoutMeaning.Contains(flag);

    /// <summary>A value in our words.</summary>
    /// <param name="flag">Such as "model_name".</param>
    /// <param name="value">As in the file.</param>
    public static string? ValueOf(string flag, string? value) => (flag, value) switch
    {
        ("model_name", "reference_transformer") => "deepvit_encoded",
        ("private_depth", "-1") => "0", // of the encoder with trained weights: the reference builds depth 0 there
        _ => value,
    };
}
