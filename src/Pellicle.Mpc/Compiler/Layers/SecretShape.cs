namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>A secret constant of a layer, without its values.</summary>
/// <param name="Name">weight, bias, scale, shift or constant.</param>
/// <param name="Count">Elements.</param>
/// <param name="Scale">Fractional bits at which it is shared.</param>
public sealed record SecretShape(string Name, int Count, int Scale);
