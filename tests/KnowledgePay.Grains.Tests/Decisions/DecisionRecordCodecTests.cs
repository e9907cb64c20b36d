using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Recording;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Encryption;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Tests.Decisions;

public sealed class DecisionRecordCodecTests(SharedEngine shared)
{
    private static readonly JsonSerializerOptions Exact = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<string> Texts = Gen.OneOf(OneOf("taste", "collaborative", "category", "count", ""), Gen.String[0, 40]);

    private static readonly Gen<double> Numbers = Gen.OneOf(
        OneOf(0, -0.0, 1, -1, 0.5, double.NaN, double.PositiveInfinity, double.MinValue, double.Epsilon, 9_007_199_254_740_992, -9_007_199_254_740_994),
        Gen.Double,
        Gen.Single.Select(f => (double)f),
        Gen.Long.Select(n => (double)n));

    private static readonly Gen<double?> MaybeNumbers = Gen.Select(Gen.Bool, Numbers, (there, n) => there ? n : (double?)null);

    private static readonly Gen<string?> MaybeTexts = Gen.Select(Gen.Bool, Texts, (there, t) => there ? t : null);

    private static readonly Gen<CandidateRecord> Candidates = Gen.Select(
        Texts,
        Numbers,
        Gen.Select(Texts, Numbers, MaybeNumbers, (n, v, i) => new Contribution(n, v, i)).Array[0, 12],
        MaybeNumbers,
        (id, score, parts, propensity) => new CandidateRecord(id, score, [.. parts], propensity));

    private static readonly Gen<DecisionRecord> Records = Gen.Select(
        Gen.Select(Texts, Gen.Enum<DecisionKind>(), Texts, Gen.Long[0, DateTimeOffset.MaxValue.Ticks], Gen.Long),
        Gen.Dictionary(Texts, Texts)[0, 4],
        Gen.Select(Texts, MaybeNumbers, MaybeTexts, (n, v, t) => new NamedValue(n, v, t)).Array[0, 20],
        Candidates.Array[0, 20],
        Gen.Select(
            Gen.Select(Texts, Texts, MaybeTexts, Gen.Bool, (r, c, s, p) => new RuleTrace(r, c, s, p)).Array[0, 8],
            Gen.Select(Texts, Gen.Int, (s, n) => new StageCount(s, n)).Array[0, 5],
            Gen.Select(Texts, Texts.Array[0, 3], (c, a) => new Reason(c, [.. a])).Array[0, 5],
            Gen.Select(Texts, Gen.Long[0, DateTimeOffset.MaxValue.Ticks], Texts, Texts, (b, t, o, n) => new Override(b, new DateTimeOffset(t, TimeSpan.Zero), o, n)).Array[0, 2],
            Texts),
        (head, versions, inputs, candidates, rest) => new DecisionRecord
        {
            DecisionId = head.Item1,
            Kind = head.Item2,
            UserId = head.Item3,
            At = new DateTimeOffset(head.Item4, TimeSpan.Zero),
            UserSequence = head.Item5,
            ModelVersions = new ModelVersions(versions.ToImmutableSortedDictionary()),
            Inputs = [.. inputs],
            Candidates = [.. candidates],
            Rules = [.. rest.Item1],
            Stages = [.. rest.Item2],
            Reasons = [.. rest.Item3],
            Overrides = [.. rest.Item4],
            Outcome = rest.Item5,
        });

    [Fact]
    public void A_record_reads_back_as_it_was_to_the_last_bit() => Records.Sample(record =>
        Assert.Equal(Describe(record), Describe(DecisionRecordCodec.Read(Bytes(record)))), iter: 400);

    [Fact]
    public void A_decision_that_writes_itself_reads_back_as_the_record_that_it_makes() => Records.Sample(any =>
    {
        DecisionRecord record = any with { Overrides = [], Inputs = [.. any.Inputs.Where(input => input.Number is null != input.Text is null)] };
        var told = new Told(record);
        Assert.Equal(Describe(record), Describe(DecisionRecordBuilder.Of(told)));
        var bytes = new ArrayBufferWriter<byte>();
        DecisionRecordCodec.Write(bytes, told);
        Assert.Equal(Describe(record), Describe(DecisionRecordCodec.Read(bytes.WrittenSpan)));
    }, iter: 400);

    [Fact]
    public void Bytes_that_are_no_record_are_refused_and_not_misread_into_an_endless_one() => Gen.Select(Records, Gen.Double[0, 1], Gen.Byte, Gen.Bool).Sample((record, place, value, truncated) =>
    {
        byte[] bytes = Bytes(record);
        int at = (int)(place * (bytes.Length - 1));
        if (truncated)
        {
            Assert.Throws<InvalidDataException>(() => DecisionRecordCodec.Read(bytes.AsSpan(0, at)));
            return;
        }

        bytes[at] = value;
        try
        {
            DecisionRecordCodec.Read(bytes);
        }
        catch (InvalidDataException)
        {
            // Refused; another value in the same place may as well be a record.
        }
    }, iter: 400);

    [Fact]
    public async Task A_record_of_the_first_format_still_reads()
    {
        DecisionRecorder recorder = shared.Engine.Get<DecisionRecorder>();
        Serializer<DecisionRecord> serializer = shared.Engine.Services.GetRequiredService<Serializer<DecisionRecord>>();
        StreamKey key = await shared.Engine.Get<IEngineStore>().Keys.GetOrCreate(StreamNames.OfUser("codec-1"), TestContext.Current.CancellationToken);
        Records.Sample(record =>
        {
            byte[] stored = StreamCipher.Encrypt(key, StreamCipher.Purpose.Decision, serializer.SerializeToArray(record), 2);
            stored[0] = 1;
            stored[1] = (byte)record.Kind;

            Assert.Equal(Describe(record), Describe(recorder.Decode(key, stored)));
            stored[0] = 3;
            Assert.Throws<InvalidDataException>(() => recorder.Decode(key, stored));
        }, iter: 40);
    }

    private static byte[] Bytes(DecisionRecord record)
    {
        var bytes = new ArrayBufferWriter<byte>();
        DecisionRecordCodec.Write(bytes, record);
        return bytes.WrittenSpan.ToArray();
    }

    private static string Describe(DecisionRecord record) => JsonSerializer.Serialize(record, Exact);

    /// <summary>Tells a record field by field.</summary>
    private sealed class Told(DecisionRecord record) : IRecordedDecision
    {
        public DecisionKind Kind => record.Kind;

        public void WriteTo<TWriter>(ref TWriter writer)
            where TWriter : IDecisionRecordWriter, allows ref struct
        {
            writer.Begin(record.DecisionId, record.Kind, record.UserId, record.At, record.UserSequence, record.ModelVersions);
            writer.Inputs(record.Inputs.Length);
            foreach (NamedValue input in record.Inputs)
            {
                if (input.Text is { } text)
                {
                    writer.Input(input.Name, text);
                }
                else
                {
                    writer.Input(input.Name, input.Number!.Value);
                }
            }

            writer.Candidates(record.Candidates.Length);
            foreach (CandidateRecord candidate in record.Candidates)
            {
                writer.Candidate(candidate.Candidate, candidate.Score, candidate.Contributions.Length);
                foreach (Contribution part in candidate.Contributions)
                {
                    writer.Contribution(part.Name, part.Value, part.Input);
                }

                writer.EndCandidate(candidate.Propensity);
            }

            writer.Rules(record.Rules.Length);
            foreach (RuleTrace rule in record.Rules)
            {
                if (rule.Saw is { } saw && rule.Passed)
                {
                    writer.Rule(rule.Rule, rule.Condition, saw, rule.Passed);
                }
                else
                {
                    writer.Rule(rule);
                }
            }

            writer.Stages(record.Stages.Length);
            foreach (StageCount stage in record.Stages)
            {
                writer.Stage(stage.Stage, stage.Left);
            }

            writer.End(record.Reasons, record.Outcome);
        }
    }
}
