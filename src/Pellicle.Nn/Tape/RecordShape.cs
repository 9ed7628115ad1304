namespace Pellicle.Nn;

/// <summary>Extents of a record's gradient computation, for one image.</summary>
/// <param name="Tokens">Rows T: tokens, output positions; 1 for a plain linear layer.</param>
/// <param name="InputWidth">d: width of an input row, per group.</param>
/// <param name="OutputWidth">p: width of an output-gradient row, per group.</param>
/// <param name="Groups">Independent groups of a convolution; otherwise 1.</param>
/// <param name="PerSampleOnly">Norms cannot be had from products of rows: the weight is reparametrised, so its gradient has to be formed for each unit.</param>
public readonly record struct RecordShape(long Tokens, long InputWidth, long OutputWidth, long Groups = 1, bool PerSampleOnly = false);
