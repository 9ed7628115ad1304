using Pellicle.Nn.Optimizers;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Optimizers;

/// <summary>Four steps of every rule against PyTorch 1.13.1 (torch.optim, float32, one thread), computed 2026-11.</summary>
/// <remarks>Ten elements: one vector of eight and a rest of two, so that both loops are covered. Tolerance: a few roundings of 2⁻²⁴ per step on
/// values up to 3.</remarks>
public sealed class OptimizerTests
{
    private static readonly float[] Start = [0.5f, -1.25f, 2.0f, 0.1f, -0.3f, 0.75f, 1.5f, -2.5f, 0.01f, 3.0f];

    [Fact]
    public void Sgd_is_torch_sgd() => Check(
        new OptimizerOptions(),
        0.1,
        [0.46999997f, -1.3199999f, 1.9100001f, 0.07f, -0.43000004f, 0.6f, 1.4699999f, -2.69f, -0.2f, 2.97f]);

    [Fact]
    public void Sgd_with_momentum_and_weight_decay_is_torch_sgd() => Check(
        new OptimizerOptions { Momentum = 0.9, WeightDecay = 0.01 },
        0.1,
        [0.4462092f, -1.3909705f, 1.8257253f, 0.044566467f, -0.6066693f, 0.47833613f, 1.4266604f, -2.9439075f, -0.36366108f, 2.9078510f]);

    [Fact]
    public void Nesterov_momentum_is_torch_sgd_with_nesterov() => Check(
        new OptimizerOptions { Momentum = 0.9, Nesterov = true, WeightDecay = 0.01 },
        0.1,
        [0.41963387f, -1.4415108f, 1.7455009f, 0.019666314f, -0.70392627f, 0.3530663f, 1.3979011f, -3.0781958f, -0.53554434f, 2.8749249f]);

    [Fact]
    public void Adam_is_torch_adam() => Check(
        new OptimizerOptions { Kind = OptimizerKind.Adam, WeightDecay = 0.1 },
        0.01,
        [0.48898888f, -1.2714305f, 1.9676121f, 0.10154018f, -0.32885027f, 0.72702014f, 1.4981252f, -2.5231299f, -0.009487601f, 2.9966223f]);

    [Fact]
    public void AdamW_is_torch_adamw() => Check(
        new OptimizerOptions { Kind = OptimizerKind.AdamW, Beta1 = 0.8, Beta2 = 0.99, WeightDecay = 0.1 },
        0.01,
        [0.49189845f, -1.2772657f, 1.9700822f, 0.100484386f, -0.32777745f, 0.72691953f, 1.4963245f, -2.5180385f, -0.009451041f, 2.9909315f]);

    [Fact]
    public void Adagrad_is_torch_adagrad() => Check(
        new OptimizerOptions { Kind = OptimizerKind.Adagrad, WeightDecay = 0.02 },
        0.1,
        [0.41704938f, -1.4592881f, 1.8156236f, 0.09102657f, -0.4858531f, 0.59239674f, 1.4979138f, -2.6721516f, -0.13904062f, 3.0003953f]);

    [Fact]
    public void RmsProp_is_torch_rmsprop() => Check(
        new OptimizerOptions { Kind = OptimizerKind.RmsProp, WeightDecay = 0.02 },
        0.01,
        [0.41659284f, -1.4595724f, 1.8151879f, 0.09084712f, -0.48615488f, 0.5919265f, 1.4977789f, -2.6724243f, -0.13952078f, 3.0002761f]);

    [Fact]
    public void RmsProp_with_momentum_is_torch_rmsprop() => Check(
        new OptimizerOptions { Kind = OptimizerKind.RmsProp, Momentum = 0.9 },
        0.01,
        [0.45812517f, -1.8215126f, 1.6305782f, 0.14968407f, -0.81575251f, 0.40764660f, 1.5672075f, -3.0010958f, -0.32272178f, 3.0744705f]);

    [Fact]
    public void Restored_state_continues_as_if_never_stopped()
    {
        var options = new OptimizerOptions { Kind = OptimizerKind.Adam };
        using Layer whole = Model();
        using Layer resumed = Model();
        using Optimizer first = Optimizer.Create(options);
        Steps(first, whole, 0, 4);
        using Optimizer before = Optimizer.Create(options);
        Steps(before, resumed, 0, 2);
        using Optimizer after = Optimizer.Create(options);
        after.Restore(before.StepCount, before.State);
        Steps(after, resumed, 2, 4);
        Assert.Equal(whole.Parameters()[0].Value.ToArray<float>(), resumed.Parameters()[0].Value.ToArray<float>());
        Assert.Equal(["weight/exp_avg", "weight/exp_avg_sq"], after.State.Keys.Order());
    }

    [Fact]
    public void Frozen_parameters_do_not_move_even_with_weight_decay()
    {
        using Layer model = Model();
        Parameter weight = model.Parameters()[0];
        weight.ZeroGradient();
        weight.IsTrainable = false;
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions { WeightDecay = 0.5 });
        optimizer.Step(model.Parameters(), 1);
        Assert.Equal(Start, weight.Value.ToArray<float>());
    }

    [Fact]
    public void Trap_12_weight_decay_acts_in_the_update_on_a_zero_gradient()
    {
        using Layer model = Model();
        model.Parameters()[0].ZeroGradient();
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions { WeightDecay = 0.5 });
        optimizer.Step(model.Parameters(), 0.1);
        Assert.Equal(Start[2] * 0.95f, model.Parameters()[0].Value.ToArray<float>()[2], 1e-6f);
    }

    [Fact]
    public void Large_tensors_are_updated_in_chunks_to_the_same_values()
    {
        const int Count = 600_001;
        using Layer model = new Linear(Tensor.Zeros(1, Count), null);
        model.Parameters()[0].ZeroGradient().Data<float>().Fill(1);
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions());
        optimizer.Step(model.Parameters(), 0.25);
        Assert.All(model.Parameters()[0].Value.ToArray<float>(), value => Assert.Equal(-0.25f, value));
    }

    [Fact]
    public void Options_outside_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Optimizer.Create(new OptimizerOptions { Momentum = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Optimizer.Create(new OptimizerOptions { WeightDecay = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Optimizer.Create(new OptimizerOptions { Nesterov = true }));
    }

    [Fact]
    public void Averaged_parameters_follow_the_warm_up_rule_and_can_be_exchanged()
    {
        using Layer model = Model();
        using var average = new ExponentialMovingAverage(0.999);
        Parameter weight = model.Parameters()[0];
        average.Update(model.Parameters());
        weight.Value.Data<float>().Fill(10);
        average.Update(model.Parameters());

        // Second update: decay (1+1)/(10+1).
        double expected = (Start[0] * 2 / 11.0) + (10 * 9 / 11.0);
        Assert.Equal(expected, average.Averages["weight"].ToArray<float>()[0], 1e-5);
        average.Exchange(model.Parameters());
        Assert.Equal(expected, weight.Value.ToArray<float>()[0], 1e-5);
        average.Exchange(model.Parameters());
        Assert.Equal(10, weight.Value.ToArray<float>()[0]);
    }

    private static void Check(OptimizerOptions options, double rate, float[] expected)
    {
        using Layer model = Model();
        using Optimizer optimizer = Optimizer.Create(options);
        Steps(optimizer, model, 0, 4, rate);
        float[] actual = model.Parameters()[0].Value.ToArray<float>();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 2e-6f);
        }
    }

    private static Linear Model() => new(Tensor.From<float>(Start, 1, Start.Length), null);

    private static void Steps(Optimizer optimizer, Layer model, int from, int to, double rate = 0.01)
    {
        for (int step = from; step < to; step++)
        {
            Span<float> gradient = model.Parameters()[0].ZeroGradient().Data<float>();
            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] = (float)((0.1 * (i + 1) * ((i + step) % 3 != 0 ? 1 : -1)) + (0.05 * step));
            }

            optimizer.Step(model.Parameters(), rate);
        }
    }
}
