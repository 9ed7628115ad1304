namespace Pellicle.Privacy.Accounting;

/// <summary>Which two data sets count as neighbours. An epsilon means nothing without it.</summary>
public enum NeighbouringRelation
{
    /// <summary>One unit more or one unit less; the clipped sum changes by at most C. Goes with Poisson sampling and full batches.</summary>
    AddOrRemoveOne,

    /// <summary>One unit exchanged for another; the clipped sum changes by at most 2C. Goes with fixed-size sampling.</summary>
    ReplaceOne,

    /// <summary>One unit replaced by one whose gradient is zero; the clipped sum changes by at most C. Goes with shuffled epochs and full batches.</summary>
    ZeroOutOne,
}
