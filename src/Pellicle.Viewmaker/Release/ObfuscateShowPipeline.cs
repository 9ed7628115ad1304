using Pellicle.Core.Errors;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Release;

/// <summary>Draws a sheet of original, obfuscated, difference and attacker's saliency for pictures of the validation patients.</summary>
public static class ObfuscateShowPipeline
{
    private const int SmallestTile = 128;

    /// <summary>Draws.</summary>
    /// <param name="runFolder">A run of <c>obfuscate train</c>.</param>
    /// <param name="images">Rows, at least 1.</param>
    /// <param name="file">The PNG.</param>
    /// <param name="threads">Threads of numerical kernels.</param>
    /// <exception cref="PellicleException">Run or data cannot be used.</exception>
    public static ObfuscateShowResult Run(string runFolder, int images, string file, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        NativeRuntime.Start(threads);
        ObfuscationFolder folder = ObfuscationFolder.Open(runFolder);
        TrainConfig config = ObfuscationConfig.Read(folder);
        using SubjectData data = SubjectData.Open(config, threads);
        int[] rows = [.. data.RowsOf(SubjectPart.Validation).Take(images)];
        PictureSet before = data.Pictures.Take(rows);
        using Generator generator = Generator.Open(folder.Generator);
        using var noise = new KeyedNoise(ObfuscationFolder.ReadKey(folder.Key));
        PictureSet after = PictureRelease.Obfuscate(generator, before, row => noise.For("show/" + row));
        var attributes = new LabelledPictures(before, [.. data.Attributes.Select(column => column.Take(rows))]);
        using Reader attacker = OriginalReaders.Read(folder.OriginalAttacker, OriginalReaders.AttackerArchitecture, attributes);
        var tiles = new ChangeTiles(attacker);
        PictureSheet.Write(file, PictureSheet.Draw([.. Enumerable.Range(0, rows.Length).Select(row => tiles.Of(before, after, row))], before.Side, Math.Max(1, SmallestTile / before.Side)));
        float[] scoresBefore = attacker.Outputs(before), scoresAfter = attacker.Outputs(after);
        return new ObfuscateShowResult(
            file,
            rows.Length,
            [.. Enumerable.Range(0, rows.Length).Select(row => new ShownPicture(
                row + 1,
                FileObfuscator.Changes(before.SampleCount, k => (after[row][k] - before[row][k]) / 255.0).Mean,
                FileObfuscator.Changes(before.SampleCount, k => (after[row][k] - before[row][k]) / 255.0).Max,
                [.. attributes.Columns.Select((column, c) => new ShownScore(column.Name, attacker.Margins(scoresBefore, c)[^1][row], attacker.Margins(scoresAfter, c)[^1][row]))]))],
            data.Dataset.IsSynthetic);
    }
}

/// <summary>Result of <c>obfuscate show</c>.</summary>
/// <param name="Sheet">The PNG. Columns: original, obfuscated, difference x 8 with its scale, saliency of the attacker before and after.</param>
/// <param name="Images">Rows.</param>
/// <param name="Captions">Figures of each row.</param>
/// <param name="IsSynthetic">False: the sheet shows patients.</param>
public sealed record ObfuscateShowResult(string Sheet, int Images, IReadOnlyList<ShownPicture> Captions, bool IsSynthetic);

/// <summary>Figures of a row.</summary>
/// <param name="Row">1 for the first.</param>
/// <param name="MeanAbsDelta">Mean change, pixel-range units.</param>
/// <param name="MaxAbsDelta">Largest change.</param>
/// <param name="Scores">What the attacker trained on originals says.</param>
public sealed record ShownPicture(int Row, double MeanAbsDelta, double MaxAbsDelta, IReadOnlyList<ShownScore> Scores);

/// <summary>Logit margins of the last class of an attribute.</summary>
/// <param name="Name">Attribute.</param>
/// <param name="Before">On the original.</param>
/// <param name="After">On the obfuscated picture.</param>
public sealed record ShownScore(string Name, double Before, double After);
