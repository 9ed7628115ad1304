namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Which elements a normalisation treats together.</summary>
/// <param name="Channels">C; scale and shift are one a channel.</param>
/// <param name="Positions">Elements of a channel in one image: pixels or tokens.</param>
/// <param name="Groups">Groups of an image: of channels, or the positions themselves if <paramref name="IsPerPosition"/>.</param>
/// <param name="IsPerPosition">False: values are [channel][position][image] and a group is C / Groups whole channels. True: [position][channel][image], and a group is one position.</param>
/// <param name="Batch">Images.</param>
public sealed record NormalizationMap(int Channels, int Positions, int Groups, bool IsPerPosition = false, int Batch = 1)
{
    /// <summary>Elements.</summary>
    public int Count => checked(Channels * Positions * Batch);

    /// <summary>Elements of a group.</summary>
    public int GroupSize => Channels * Positions / Groups;

    /// <summary>Group of each element, images apart.</summary>
    public int[] GroupOf() => Of((element, image) => (element / GroupSize * Batch) + image);

    /// <summary>Channel of each element.</summary>
    public int[] ChannelOf() => Of((element, _) => IsPerPosition ? element % Channels : element / Positions);

    private int[] Of(Func<int, int, int> place)
    {
        var result = new int[Count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = place(i / Batch, i % Batch);
        }

        return result;
    }
}
