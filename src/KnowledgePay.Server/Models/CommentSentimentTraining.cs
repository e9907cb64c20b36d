using System.Globalization;
using System.Text.Json;
using KnowledgePay.Grains.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Sentiment;

namespace KnowledgePay.Server.Models;

/// <summary>Learns to tell good comments from bad ones, from comments whose writers gave the course stars as well.</summary>
public sealed class CommentSentimentTraining(JournalComments comments, ServedModels served, TimeProvider time) : IModelTraining
{
    private const string Linear = "linear";
    private const double ReadingShare = 0.3;

    public string Kind => SentimentModelFile.Kind;

    public IReadOnlyList<string> Algorithms { get; } = [Linear];

    public string DefaultAlgorithm => Linear;

    public string IntendedUse => "Scores comments on courses from -1 to 1 as they arrive, for the profile's and the course's features. Not for deciding about the person who wrote one.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "It learned what people wrote who also gave stars; others may write otherwise.",
        "Languages that hardly any comment was in are scored by a few words alone.",
    ];

    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        LabelledComments read = await comments.Read(share => progress(ReadingShare * share, "reading the journal"), cancellation);
        int good = read.Positive.Count(p => p), bad = read.Positive.Length - good;
        if (Math.Min(good, bad) < SentimentTrainer.LeastTexts)
        {
            throw new InputException(
                $"There is too little to learn from: {good} comments with four stars or more and {bad} with fewer than three, of people who let their data be used so; expected at least {SentimentTrainer.LeastTexts} of each.");
        }

        SentimentTraining training = await Task.Factory.StartNew(
            () => SentimentTrainer.Train(read.Texts, read.Positive, unchecked((ulong)seed), share => progress(ReadingShare + ((0.95 - ReadingShare) * share), "learning"), cancellation),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(0.96, "storing the model");
        byte[] bytes = ModelArchive.Pack(directory => SentimentModelFile.Write(directory, training.Model));
        string report = JsonSerializer.Serialize(new
        {
            kind = Kind,
            algorithm,
            seed,
            good,
            bad,
            folds = training.Folds,
            accuracy = Math.Round(training.Accuracy, 6),
            auc = Math.Round(training.AreaUnderCurve, 6),
            brier = Math.Round(training.Brier, 6),
            logLoss = Math.Round(training.LogLoss, 6),
            calibrationError = Math.Round(training.CalibrationError, 6),
            lexiconAccuracy = Math.Round(training.LexiconAccuracy, 6),
            chosen = training.Chosen,
            tried = training.Tried,
            seconds = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2),
        }, JsonSerializerOptions.Web);
        return new LearnedModel(
            bytes,
            report,
            read.TrainedOn,
            new HoldoutMetrics(null, null, null, read.TrainedOn.People) { Accuracy = Math.Round(training.Accuracy, 6), CalibrationError = Math.Round(training.CalibrationError, 6) },
            new HoldoutMetrics(null, null, null, read.TrainedOn.People) { Accuracy = Math.Round(training.LexiconAccuracy, 6) });
    }

    public string? Gate(ModelVersion version) => version.Metrics?.Accuracy is not { } accuracy || version.Baseline?.Accuracy is not { } lexicon
        ? "Nothing is known of how well it does on comments that it did not see."
        : accuracy < lexicon
            ? string.Create(CultureInfo.InvariantCulture, $"Its accuracy on the held-out comments is {accuracy:F4}; the lexicon has {lexicon:F4} there.")
            : null;

    public void Serve(ModelVersion version, byte[] bytes) => served.Sentiment = ModelArchive.Unpack(bytes, SentimentModelFile.Read);
}
