using Pellicle.Data;
using Pellicle.Data.Encodings;
using Pellicle.Tensors;

namespace Pellicle.Training;

/// <summary>A secret encoder as training sees it: pictures in, encodings out. Whoever has one has the key; encodings carry no formal guarantee.</summary>
public interface IPictureEncoder : IDisposable
{
    /// <summary>Id of the key; not secret.</summary>
    string KeyId { get; }

    /// <summary>What encodings look like.</summary>
    EncodingLayout Layout { get; }

    /// <summary>What happens to pictures before.</summary>
    ImageTransform Transform { get; }

    /// <summary>Encodes pictures, each by itself.</summary>
    /// <param name="images">[N, C, S, S].</param>
    /// <returns>[N, tokens, width] in the caller's scope.</returns>
    Tensor Encode(Tensor images);
}
