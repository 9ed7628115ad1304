using System.Globalization;
using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic;

/// <summary>Draws patients, labels, attributes and the strengths of the signs.</summary>
internal static class SyntheticCohort
{
    // Distance of the class means of each latent sign, in standard deviations. Three independent signs allow an ideal reader an AUC of
    // Phi(sqrt(3) * 1.6 / sqrt(2)) = 0.975; what small images hide of them brings small networks down to about 0.9.
    private const double Separation = 1.6;

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
                subjects.Add(new SyntheticSubject(record, (Sign(label, random), Sign(label, random), Sign(label, random)), sexCue, ageCue, patientSeed));
            }
        }

        return [.. subjects];
    }

    private static float Sign(int label, ISeededRandom random)
    {
        double latent = (label - 0.5) * Separation + random.NextGaussian();
        return (float)(1 / (1 + Math.Exp(-1.3 * latent)));
    }

    /// <summary>Always draws, so that a change of strength leaves everything else as it was.</summary>
    private static float Cue(double value, SyntheticOptions options, ISeededRandom random) =>
        (float)(options.AttributeStrength * (value + 0.35 * random.NextGaussian()));
}
