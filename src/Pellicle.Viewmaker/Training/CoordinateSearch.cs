using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Training;

/// <summary>Fits the erasures of coordinates before the game, and finds how many details may stay and how far all coordinates are shaken: each candidate is judged by a fresh attacker, first the details with the least shaking, then more of it.</summary>
/// <param name="generator">Its erasures are fitted.</param>
/// <param name="teachers">Pictures that teach; column 0 is the task, the rest are attributes.</param>
/// <param name="coarsenings">Candidates: pixels of training along an axis that become one; 1 keeps all details.</param>
/// <param name="spreads">Candidates: deviations of the noise in all coordinates after the last pass.</param>
/// <param name="random">Root of everything random.</param>
/// <param name="note">Told what was fitted.</param>
internal sealed class CoordinateSearch(Generator generator, LabelledPictures teachers, IReadOnlyList<int> coarsenings, IReadOnlyList<double> spreads, ISeededRandom random, Action<string> note)
{
    private const int Batch = 64;

    /// <summary>Fits.</summary>
    /// <param name="judge">Judges the generator as it is; the text says what it is.</param>
    /// <param name="best">The best of those judged so far.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>How the chosen candidate was judged; null if nothing was to choose.</returns>
    public SelectedRound? Run(Func<string, SelectedRound> judge, Func<IReadOnlyList<SelectedRound>, SelectedRound> best, CancellationToken cancellation)
    {
        if (generator.Options.Mode == GeneratorMode.Parity)
        {
            return null;
        }

        bool shakes = generator.Passes.Count > 0;
        double least = shakes ? spreads.Min() : 0;
        List<(SelectedRound Judged, int Coarsening, double Spread, float[][] Weights)> candidates = [];
        float[][] untrained = Snapshot();
        foreach (int coarsening in coarsenings.DistinctBy(GridOf))
        {
            Keep(coarsening);
            Restore(untrained); // each candidate is what it would be alone
            Fit(random.Derive("coarsening", (ulong)coarsening), cancellation);
            Spread(least);
            if (coarsenings.Count == 1 && (!shakes || spreads.Count == 1))
            {
                return null;
            }

            candidates.Add((judge(Told(coarsening, least)), coarsening, least, Snapshot()));
        }

        Take(Best());
        int chosen = Best().Coarsening;
        foreach (double spread in shakes ? spreads.Where(value => value != least) : [])
        {
            Spread(spread);
            candidates.Add((judge(Told(chosen, spread)), chosen, spread, Snapshot()));
        }

        Take(Best());
        return Best().Judged;

        (SelectedRound Judged, int Coarsening, double Spread, float[][] Weights) Best()
        {
            SelectedRound found = best([.. candidates.Select(candidate => candidate.Judged)]);
            return candidates.First(candidate => ReferenceEquals(candidate.Judged, found));
        }

        void Take((SelectedRound Judged, int Coarsening, double Spread, float[][] Weights) candidate)
        {
            Keep(candidate.Coarsening);
            Restore(candidate.Weights);
        }
    }

    private static string Told(int coarsening, double spread) => FormattableString.Invariant($"details of {coarsening} pixels, coordinates shaken by {spread:0.##}");

    private void Keep(int coarsening) => generator.KeepDetails(GridOf(coarsening));

    private int? GridOf(int coarsening) => coarsening == 1 ? null : Math.Max(4, teachers.Pictures.Side / coarsening);

    // The earlier passes erase only: noise that was added would make the next estimate worse.
    private void Spread(double spread)
    {
        for (int i = 0; i < generator.Passes.Count; i++)
        {
            generator.Passes[i].Spread = i == generator.Passes.Count - 1 ? spread : 0;
        }
    }

    private void Fit(ISeededRandom own, CancellationToken cancellation)
    {
        Spread(0);
        for (int i = 0; i < generator.Passes.Count; i++)
        {
            ISeededRandom pass = own.Derive("pass", (ulong)i);
            (int directions, int seen) = new CoordinateFit(generator.Passes[i], pass.Derive("fit")).Run(teachers with { Pictures = BeforePass(i, pass.Derive("noise")) }, cancellation);
            note($"coordinates, pass {i + 1}: {seen} of {generator.Passes[i].Coordinates.Count} can be read, {directions} directions replaced");
        }
    }

    private PictureSet BeforePass(int passes, ISeededRandom noise)
    {
        PictureSet pictures = teachers.Pictures;
        byte[] samples = new byte[pictures.Count * pictures.SampleCount];
        foreach (int[] rows in Enumerable.Range(0, pictures.Count).Chunk(Batch))
        {
            using TensorScope scope = TensorScope.Open();
            Tensor before = generator.BeforeErasure(pictures.Batch(rows), SeededNoise.Of(rows, noise.Derive("rows", (ulong)rows[0])), passes);
            PictureSet.Quantise(before.Contiguous().Data<float>(), samples.AsSpan(rows[0] * pictures.SampleCount, rows.Length * pictures.SampleCount));
        }

        return new PictureSet(pictures.Channels, pictures.Side, samples);
    }

    private IEnumerable<Parameter> Fitted() => generator.Passes.SelectMany(pass => pass.Parameters());

    private void Restore(float[][] weights)
    {
        foreach ((Parameter parameter, float[] values) in Fitted().Zip(weights))
        {
            values.CopyTo(parameter.Value.Data<float>());
        }
    }

    private float[][] Snapshot() => [.. Fitted().Select(parameter => parameter.Value.ToArray<float>())];
}
