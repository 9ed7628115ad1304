using Pellicle.Audit.Attacks;
using Pellicle.Audit.Canaries;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Audit;

/// <summary>Finds attacks that do not fit the run, before any of them starts: one may train for hours.</summary>
internal static class AuditRunCheck
{
    public static void Require(LoadedRun run, AuditRequest request)
    {
        var problems = new List<Problem>();
        bool hasGradientCanaries = request.Attacks.Contains("canary") && request.CanaryKinds.Contains(CanaryKind.Gradient);
        long parameters = run.Model.TrainableParameterCount;
        if ((hasGradientCanaries || request.Attacks.Contains("gradient")) && parameters > GradientAttack.MostParameters)
        {
            problems.Add(new Problem(
                hasGradientCanaries ? "--canary-kind" : "--attack",
                $"planted gradients are for networks of at most {GradientAttack.MostParameters:N0} trainable parameters; '{run.Model.Spec.Name}' has {parameters:N0}.",
                "Use --attack loss, lira or canary with images, or audit a small network trained with the same plan."));
        }

        if (request.Attacks.Contains("canary") && !hasGradientCanaries && run.Config.Privacy is { NonPrivate: false, Sampling: not SamplingChoice.Poisson })
        {
            problems.Add(new Problem(
                "--attack",
                $"image canaries need Poisson sampling: put in or left out by coins, they change the number of units, on which the guarantee of '{run.Config.Privacy.Sampling}' sampling rests.",
                "Use --canary-kind gradient, or --attack gradient."));
        }

        if (problems.Count > 0)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }
    }
}
