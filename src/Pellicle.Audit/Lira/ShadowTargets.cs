using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Training;

namespace Pellicle.Audit.Lira;

/// <summary>The units whose membership LiRA decides: as many of the training split as held out, drawn by a seed.</summary>
/// <remarks>Every shadow model is trained on all other training units and on half of these, so its training set has the size of the run's. The attacker is thereby
/// given the other units, which differential privacy allows them to know.</remarks>
/// <param name="Members">Records of each unit of the training split.</param>
/// <param name="NonMembers">Records of each held-out unit; as many as members.</param>
public sealed record ShadowTargets(IReadOnlyList<IReadOnlyList<int>> Members, IReadOnlyList<IReadOnlyList<int>> NonMembers)
{
    /// <summary>All units, members first.</summary>
    public IReadOnlyList<IReadOnlyList<int>> All => [.. Members, .. NonMembers];

    /// <summary>Draws the units.</summary>
    /// <param name="dataset">Data of the run.</param>
    /// <param name="byPatient">A unit is a patient with all images, otherwise one image.</param>
    /// <param name="most">Most units a side.</param>
    /// <param name="random">Decides which.</param>
    public static ShadowTargets Draw(ImageDataset dataset, bool byPatient, int most, ISeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(random);
        int[][] members = Units(dataset, dataset.IndicesOf(SplitName.Train), byPatient);
        int[][] others = Units(dataset, [.. dataset.IndicesOf(SplitName.Test), .. dataset.IndicesOf(SplitName.Validation)], byPatient);
        random.Shuffle<int[]>(members);
        random.Shuffle<int[]>(others);
        int count = Math.Min(most, Math.Min(members.Length, others.Length));
        return new ShadowTargets(members[..count], others[..count]);
    }

    /// <summary>Which units a shadow model is trained on. Models 2k and 2k+1 complement each other, so every unit is in exactly half of an even number of models.</summary>
    /// <param name="shadow">Number of the model, from 0.</param>
    /// <param name="random">The same generator for all models of an audit.</param>
    /// <returns>For each of <see cref="All"/>.</returns>
    public bool[] Assignment(int shadow, ISeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int count = Members.Count + NonMembers.Count;
        int[] order = [.. Enumerable.Range(0, count)];
        random.Derive("assignment", (ulong)(shadow / 2)).Shuffle<int>(order);
        var isIn = new bool[count];
        for (int i = 0; i < count; i++)
        {
            isIn[order[i]] = i < count / 2 == (shadow % 2 == 0);
        }

        return isIn;
    }

    /// <summary>How the training split changes for an assignment.</summary>
    /// <param name="dataset">Data of the run.</param>
    /// <param name="isIn">For each of <see cref="All"/>.</param>
    /// <returns>Records to leave out, and records of other splits to add under their true label.</returns>
    public (IReadOnlyList<int> Withheld, IReadOnlyList<PlantedImage> Planted) Changes(ImageDataset dataset, IReadOnlyList<bool> isIn)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(isIn);
        int[] withheld = [.. Members.Where((_, u) => !isIn[u]).SelectMany(records => records)];
        PlantedImage[] planted =
        [
            .. NonMembers.SelectMany((records, u) => isIn[Members.Count + u]
                ? records.Select(record => new PlantedImage { Record = record, Label = dataset.Records[record].Label, Unit = $"held out {u}" })
                : []),
        ];
        return (withheld, planted);
    }

    private static int[][] Units(ImageDataset dataset, IReadOnlyList<int> records, bool byPatient) => byPatient
        ? [.. records.GroupBy(record => dataset.Records[record].Patient).Select(group => group.ToArray())]
        : [.. records.Select(record => new[] { record })];
}
