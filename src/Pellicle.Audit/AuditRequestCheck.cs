using Pellicle.Audit.Attacks;
using Pellicle.Audit.Canaries;
using Pellicle.Core.Errors;

namespace Pellicle.Audit;

/// <summary>Finds all problems of an audit request before work starts.</summary>
internal static class AuditRequestCheck
{
    // Twenty a side on average; the estimate itself asks for twenty a side.
    private const int FewestGradients = 40;

    public static void Require(AuditRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var problems = new List<Problem>();
        string known = string.Join(", ", AuditRequest.KnownAttacks);
        if (request.Attacks.Count == 0)
        {
            problems.Add(new Problem("--attack", $"no attack is named; expected one or more of {known}.", "Leave --attack out for the loss attack."));
        }

        foreach (string attack in request.Attacks.Where(attack => !AuditRequest.KnownAttacks.Contains(attack)))
        {
            problems.Add(new Problem("--attack", $"'{attack}' is no attack; expected one or more of {known}.", "Separate several by commas."));
        }

        if (request.Attacks.Distinct().Count() < request.Attacks.Count)
        {
            problems.Add(new Problem("--attack", "an attack is named twice.", "Name each once."));
        }

        if (!(request.Confidence > 0 && request.Confidence < 1))
        {
            problems.Add(new Problem("--confidence", $"the confidence is {request.Confidence}; expected a number between 0 and 1.", "0.95 is usual."));
        }

        if (request.ShadowModels < LikelihoodRatioAttack.FewestShadowModels || request.ShadowModels % 2 != 0)
        {
            problems.Add(new Problem("--shadow-models", $"the number of shadow models is {request.ShadowModels}; expected an even number, at least {LikelihoodRatioAttack.FewestShadowModels}: each unit is in half of them.", "16 is usual; 64 and more find more."));
        }

        if (request.CanaryKinds.Count == 0 || (request.CanaryKinds.Contains(CanaryKind.Gradient) && request.CanaryKinds.Count > 1))
        {
            problems.Add(new Problem("--canary-kind", $"the kinds of canaries are '{string.Join(", ", request.CanaryKinds.Select(kind => kind.ToString().ToLowerInvariant()))}'; expected any of mislabelled and noise, or gradient alone.", "Gradient canaries are planted into the mechanism, not into a twin: run a second audit for them."));
        }

        if (request.GradientCanaries < FewestGradients && request.Attacks.Contains("gradient"))
        {
            problems.Add(new Problem("--canaries", $"{request.GradientCanaries} planted gradients can show nothing; expected at least {FewestGradients}.", $"{GradientAttack.UsualCanaries} is usual."));
        }

        if (request.Canaries < CanarySet.Fewest && request.Attacks.Contains("canary"))
        {
            problems.Add(new Problem("--canaries", $"{request.Canaries} canaries can show nothing; expected at least {CanarySet.Fewest}.", "1000 canaries can show an epsilon up to about 5.5."));
        }

        if (problems.Count > 0)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }
    }
}
