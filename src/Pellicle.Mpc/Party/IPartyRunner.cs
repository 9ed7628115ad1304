using Pellicle.Core.Errors;

namespace Pellicle.Mpc.Party;

/// <summary>The parties of one plan, with their shares of the weights: shares of an image go in, its logits come out to the client.</summary>
/// <remarks>Threads of one process, or processes of their own: who predicts does not see the difference.</remarks>
public interface IPartyRunner : IDisposable
{
    /// <summary>One prediction in a session of its own: fresh keys, fresh shares.</summary>
    /// <param name="input">All images of the plan's batch, [element][image].</param>
    /// <exception cref="DataFormatException">The input has another size than the plan says.</exception>
    /// <exception cref="ProtocolException">A party failed, or sent something else than the plan says.</exception>
    PartyRun Predict(ReadOnlySpan<float> input);
}
