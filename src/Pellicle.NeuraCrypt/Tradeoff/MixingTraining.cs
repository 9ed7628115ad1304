using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Nn;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>Trains the public blocks of an obfuscator on public pictures: a contrastive attacker learns to match pictures and encodings under fresh keys, the blocks learn to
/// make it fail while an owner of the key can still restore a small picture.</summary>
/// <remarks>After Xu et al. 2022 (Syfer). The restoring decoders are linear, one for each of a few keys kept for training; without them the blocks would learn to forget everything.</remarks>
internal sealed class MixingTraining
{
    private const double LearningRate = 1e-3;
    private const int Batch = 32;
    private const int KeptKeys = 4;
    private const int Side = 8;
    private readonly EncoderArchitecture _architecture;
    private readonly ISecureRandom _keys;
    private readonly ISeededRandom _seeds;

    /// <summary>Prepares training.</summary>
    /// <param name="architecture">Sizes.</param>
    /// <param name="keys">Keys of training are thrown away with it.</param>
    /// <param name="seeds">For initial values and batches.</param>
    public MixingTraining(EncoderArchitecture architecture, ISecureRandom keys, ISeededRandom seeds)
    {
        _architecture = architecture;
        _keys = keys;
        _seeds = seeds;
    }

    /// <summary>Trains a network; the caller disposes it.</summary>
    /// <param name="pictures">Public pictures: none of those that are judged later.</param>
    /// <param name="steps">Alternations of attacker and obfuscator; 0 gives random blocks.</param>
    /// <param name="weight">Of the attacker's failure against the restored picture, at least 0.</param>
    /// <param name="progress">Takes what is being done.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    public MixingNetwork Run(AttackGallery pictures, int steps, double weight, Action<string> progress, CancellationToken cancellation)
    {
        using TensorScope outer = TensorScope.Open();
        var network = new MixingNetwork(_architecture, _seeds);
        using var restoring = new RestoringNetwork(network, _architecture, KeptKeys, Side, _seeds);
        using var attacker = new SetMatcher(_architecture, _seeds);
        using var obfuscate = new LossDescent(restoring, LearningRate);
        using var attack = new LossDescent(attacker, LearningRate);
        IReadOnlyList<SecretLayer>[] kept = [.. Enumerable.Range(0, KeptKeys).Select(_ => MixingFamily.DrawKey(network, _architecture, _keys))];
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress($"obfuscator: step {step + 1} of {steps}");
            using TensorScope scope = TensorScope.Open();
            Tensor batch = pictures.Pictures(Enumerable.Range(0, Math.Min(Batch, pictures.Count)).Select(_ => _seeds.NextInt(pictures.Count)).Distinct().ToArray());
            IReadOnlyList<SecretLayer> fresh = MixingFamily.DrawKey(network, _architecture, _keys);
            Tensor seen = network.Encode(batch, fresh);
            attack.Step(pass => attacker.Loss(batch, seen, pass));
            int which = _seeds.NextInt(KeptKeys);
            obfuscate.Step(pass =>
            {
                Tensor hidden = network.Encode(batch, fresh, pass);
                var fixedAttacker = new ReferencePass(attacker, DType.Float32, ForwardContext.Evaluation());
                Tensor failure = attacker.Loss(batch, hidden, fixedAttacker).Clamp(null, Math.Log(batch.Size(0)));
                return restoring.Loss(batch, kept[which], which, pass) - (failure * weight);
            });
            Free(fresh);
        }

        Array.ForEach(kept, Free);
        return network;
    }

    private static void Free(IReadOnlyList<SecretLayer> key)
    {
        foreach (SecretLayer layer in key)
        {
            layer.Dispose();
        }
    }

    // Blocks and decoders are trained together; the blocks outlive the decoders.
    private sealed class RestoringNetwork : Layer
    {
        private readonly MixingNetwork _network;
        private readonly Parameter _decoders;
        private readonly int _side;

        public RestoringNetwork(MixingNetwork network, EncoderArchitecture a, int keys, int side, ISeededRandom init)
        {
            _network = Add("network", network);
            _side = side;
            _decoders = AddParameter("decoders", Initialization.TorchUniform(init, (long)a.Patches * a.HiddenDim, keys, (long)a.Patches * a.HiddenDim, (long)a.Channels * side * side));
        }

        public Tensor Loss(Tensor batch, IReadOnlyList<SecretLayer> key, int which, ReferencePass pass)
        {
            Tensor restored = _network.Encode(batch, key, pass).Reshape(batch.Size(0), -1).MatMul(pass.Of(_decoders).Select(0, which));
            return (restored - batch.AdaptiveAveragePool2d(_side, _side).Reshape(batch.Size(0), -1)).Square().Mean();
        }

        public override Tensor Reference(Tensor input, ReferencePass pass) => throw new NotSupportedException("an encoding needs a key.");

        protected override Tensor Compute(Tensor input, ForwardContext context) => throw new NotSupportedException("an encoding needs a key.");

#pragma warning disable CA2215 // the blocks live on; only the decoders end here
        protected override void Dispose(bool disposing) => _decoders.Dispose();
#pragma warning restore CA2215
    }
}
