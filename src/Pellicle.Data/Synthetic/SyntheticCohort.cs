using System.Globalization;
using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic;

/// <summary>Draws patients, labels, attributes and the strengths of the signs.</summary>
internal static class SyntheticCohort
{
    // Class means of the latent severity lie this many standard deviations apart. The three signs follow the severity with noise of their own, so an ideal reader
    // of all three has an AUC of Phi(2.4 / sqrt(1 + 0.25 / 3) / sqrt(2)) = 0.95, and no network can do better: the classes overlap.
    private const double Separation = 2.4;
    private const double SignNoise = 0.5;

    /// <summary>Draws all subjects in the order of their files.</summary>
    public static SyntheticSubject[] Draw(SyntheticOptions options, IReadOnlyList<string> classes, ISeededRandom root)
    {
        var subjects = new List<SyntheticSubject>(options.Images);
        for (ulong patient = 0; subjects.Count < options.Images; patient++)
        {
            ISeededRandom random = root.Derive("synthetic patient", patient);
            string split = random.NextDouble() < options.TestShare ? SplitName.Test : SplitName.Train;
            string sex = random.NextDouble() < 0.5 ? "female" : "male";
            int age = (int)Math.Clamp(Math.Round(54 + 16 * random.NextGaussian()), 18, 90);
            float sexCue = Cue(sex == "male" ? 1 : -1, options, random);
            float ageCue = Cue((age - 54) / 32.0, options, random);
            ulong patientSeed = random.NextUInt64();
            int images = 1 + random.NextInt(options.MaxImagesPerPatient);
            for (int i = 0; i < images && subjects.Count < options.Images; i++)
            {
                int label = random.NextDouble() < options.PositiveShare ? 1 : 0;
                string file = string.Create(CultureInfo.InvariantCulture, $"images/{split}/{classes[label]}/S{subjects.Count:d6}.png");
                var record = new SyntheticRecord(file, label, split, string.Create(CultureInfo.InvariantCulture, $"P{patient:d6}"), sex, age);
                subjects.Add(new SyntheticSubject(record, Signs(label, random), sexCue, ageCue, patientSeed));
            }
        }

        return [.. subjects];
    }

    private static (float First, float Second, float Third) Signs(int label, ISeededRandom random)
    {
        double severity = (label - 0.5) * Separation + random.NextGaussian();
        return (Sign(severity, random), Sign(severity, random), Sign(severity, random));
    }

    private static float Sign(double severity, ISeededRandom random) => (float)(1 / (1 + Math.Exp(-1.3 * (severity + SignNoise * random.NextGaussian()))));

    /// <summary>Always draws, so that a change of strength leaves everything else as it was.</summary>
    private static float Cue(double value, SyntheticOptions options, ISeededRandom random) =>
        (float)(options.AttributeStrength * (value + 0.35 * random.NextGaussian()));
}
