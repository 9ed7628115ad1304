using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Validation;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Validation;

public sealed class PrivacyValidatorTests
{
    private static readonly SeededRandom Random = new(1);

    [Fact]
    public void Trap_10_batch_normalisation_in_training_mode_is_refused_by_path_with_all_offenders()
    {
        using Layer model = new Sequential(
            ("conv", new Conv2d(1, 4, new ConvolutionGeometry(3, 3), Random)),
            ("bn1", new BatchNorm2d(4)),
            ("bn2", new BatchNorm2d(4)),
            ("pool", new GlobalAveragePool()),
            ("head", new Linear(4, 2, Random)));
        UnsupportedLayerException e = Assert.Throws<UnsupportedLayerException>(() => PrivacyValidator.Require(model, [1, 8, 8]));
        Assert.Equal(["bn1", "bn2"], e.Problems.Select(problem => problem.Where));
        Assert.Contains("'bn1' is BatchNorm2d: it mixes examples", e.Message, StringComparison.Ordinal);
        Assert.All(e.Problems, problem => Assert.Contains("--replace-batch-norm group", problem.Hint, StringComparison.Ordinal));
    }

    [Fact]
    public void Trap_10_the_clipper_itself_refuses_batch_statistics_even_without_the_validator()
    {
        using Layer model = new Sequential(("bn", new BatchNorm2d(1)), ("pool", new GlobalAveragePool()), ("head", new Linear(1, 2, Random)));
        using var loss = new CrossEntropyLoss();
        using var clipper = new PerUnitClipper(model, loss, new ClippingOptions());
        Assert.Equal("bn", Assert.Single(Assert.Throws<UnsupportedLayerException>(() => clipper.BeginStep()).Problems).Where);
    }

    [Fact]
    public void Frozen_batch_normalisation_uses_its_stored_statistics_and_is_allowed()
    {
        using Layer model = new Sequential(("bn", new BatchNorm2d(1)), ("pool", new GlobalAveragePool()), ("head", new Linear(1, 2, Random)));
        model.Freeze("bn");
        Assert.Empty(PrivacyValidator.Problems(model, [1, 4, 4]));
    }

    [Fact]
    public void Batch_normalisation_with_fixed_statistics_is_allowed()
    {
        using Layer model = new Sequential(new Conv2d(1, 4, new ConvolutionGeometry(3, 3), Random), new BatchNorm2d(4) { UseFixedStatistics = true }, new GlobalAveragePool(), new Linear(4, 2, Random));
        Assert.Empty(PrivacyValidator.Problems(model, [1, 8, 8]));
    }

    [Fact]
    public void Trap_9_a_layer_used_twice_is_refused_by_name()
    {
        var shared = new Linear(4, 4, Random);
        using Layer model = new Sequential(("flat", new Flatten()), ("first", shared), ("second", shared), ("head", new Linear(4, 2, Random)));
        Problem problem = Assert.Single(PrivacyValidator.Problems(model, [1, 2, 2]));
        Assert.Equal("first", problem.Where);
        Assert.Contains("'second'", problem.Message, StringComparison.Ordinal);
        model.Freeze("first");
        Assert.Empty(PrivacyValidator.Problems(model, [1, 2, 2]));
    }

    [Fact]
    public void Trap_9_a_layer_that_runs_twice_inside_its_parent_is_refused_in_the_forward_pass()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer model = new Twice(Random);
        Assert.Equal("inner", Assert.Single(PrivacyValidator.Problems(model, [1, 2, 2])).Where);
        using var loss = new CrossEntropyLoss();
        using var clipper = new PerUnitClipper(model, loss, new ClippingOptions());
        clipper.BeginStep();
        Assert.Throws<UnsupportedLayerException>(() => clipper.Add(Tensor.Zeros(1, 1, 2, 2), Tensor.From<long>([0], 1), UnitLayout.OneImageEach(1)));
    }

    [Fact]
    public void Trap_3_a_trainable_parameter_that_no_record_covers_is_refused_by_name()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer model = new BareScale(Random);
        Problem problem = Assert.Single(PrivacyValidator.Problems(model, [1, 2, 2]));
        Assert.Equal("scale", problem.Where);
        using var loss = new CrossEntropyLoss();
        using var clipper = new PerUnitClipper(model, loss, new ClippingOptions());
        clipper.BeginStep();
        Assert.Throws<UnsupportedLayerException>(() => clipper.Add(Tensor.Zeros(1, 1, 2, 2), Tensor.From<long>([0], 1), UnitLayout.OneImageEach(1)));
    }

    [Fact]
    public void A_network_without_trainable_parameters_is_refused()
    {
        using Layer model = new Sequential(new Flatten(), new Linear(4, 2, Random));
        model.Freeze(string.Empty);
        Assert.Single(PrivacyValidator.Problems(model, [1, 2, 2]));
    }

    private sealed class Twice : Layer
    {
        private readonly Linear _inner;

        public Twice(SeededRandom random) => _inner = Add("inner", new Linear(4, 4, random));

        public override Tensor Reference(Tensor input, ReferencePass pass) => _inner.Reference(_inner.Reference(input.Reshape(-1, 4), pass), pass);

        protected override Tensor Compute(Tensor input, ForwardContext context) => _inner.Forward(_inner.Forward(input.Reshape(-1, 4), context), context);
    }

    private sealed class BareScale : Layer
    {
        private readonly Parameter _scale;
        private readonly Linear _head;

        public BareScale(SeededRandom random)
        {
            _scale = AddParameter("scale", Tensor.From<float>([1f, 1f, 1f, 1f], 4));
            _head = Add("head", new Linear(4, 2, random));
        }

        public override Tensor Reference(Tensor input, ReferencePass pass) => _head.Reference(input.Reshape(-1, 4) * pass.Of(_scale), pass);

        protected override Tensor Compute(Tensor input, ForwardContext context) => _head.Forward(input.Reshape(-1, 4) * _scale.Value, context);
    }
}
