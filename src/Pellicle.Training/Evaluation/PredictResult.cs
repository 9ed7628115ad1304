namespace Pellicle.Training.Evaluation;

/// <summary>Result of <c>predict</c>; property names are the JSON fields.</summary>
/// <param name="Model">The folder of the model.</param>
/// <param name="Predictions">One a picture, in the order asked.</param>
public sealed record PredictResult(string Model, IReadOnlyList<ImagePrediction> Predictions);

/// <summary>Prediction of one picture.</summary>
/// <param name="File">As given.</param>
/// <param name="Predicted">Most probable class.</param>
/// <param name="Probabilities">Most probable first.</param>
public sealed record ImagePrediction(string File, string Predicted, IReadOnlyList<ClassProbability> Probabilities);

/// <summary>Probability of one class.</summary>
/// <param name="Class">Its name.</param>
/// <param name="Probability">In 0..1.</param>
public sealed record ClassProbability(string Class, double Probability);
