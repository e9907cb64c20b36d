using System.Runtime.CompilerServices;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Memory that one thread's decisions reuse: 36 bytes a course, nothing of which outlives a decision.</summary>
/// <remarks>A mark belongs to the decision whose generation it carries, so that only the sums have to be cleared between two. Invisible to callers: it holds no result, only room.</remarks>
internal sealed class RecommendationScratch
{
    /// <summary>Candidates that are scored in full.</summary>
    public const int MostCandidates = 1024;

    [ThreadStatic]
    private static RecommendationScratch? _scratch;

    /// <summary>This thread's list of each model, as long as that is there.</summary>
    private readonly ConditionalWeakTable<LearnedRecommender, Shortlist> _shortlists = [];
    private int[] _owned = [];
    private int[] _gathered = [];
    private float[] _sums = [];
    private int[] _touched = [];
    private int _touchedCount;
    private int[] _listed = [];
    private int[] _hasLearned = [];
    private float[] _learnedOf = [];
    private int _historyLength;
    private bool _isRead;
    private float[] _state = [];
    private int _stateLength;
    private Shortlist? _shortlist;
    private int _generation;

    /// <summary>Candidates gathered so far; the first <see cref="CandidateCount"/> of <see cref="Candidates"/>.</summary>
    public readonly ScoredCourse[] Candidates = new ScoredCourse[MostCandidates + 1];
    public int CandidateCount;
    public int Seen;

    public readonly VectorMatch[] Matches = new VectorMatch[MostCandidates];
    /// <summary>For a decision that brings none of its own.</summary>
    public readonly RetrievalMemory Memory = new();
    /// <summary>Taste, anchors and page, with which every candidate is compared.</summary>
    public readonly CandidateQueries Queries = new();
    /// <summary>The learned model's score by its own ordinal, and what takes it to 0–1.</summary>
    public float[] LearnedScores = [];
    public ItemBuffer Found;
    private ItemBuffer _learnedList;
    private ItemBuffer _askedCourses;
    private ItemBuffer _askedItems;
    private ItemBuffer _unlisted;
    private float[] _answers = [];
    /// <summary>What the list that was begun with depends on.</summary>
    public ShortlistKey ShortlistKey;
    /// <summary>True once the model was asked for a score that nobody remembered.</summary>
    public bool HasNewLearned;
    public readonly HistoryEntry[] LearnedHistory = new HistoryEntry[RankingQuestion.LongestHistory];
    public float LearnedFloor;
    public float LearnedScale;
    public ulong[] Keys = [];
    public readonly float[] Query = new float[CourseVectors.Dimensions];
    public readonly float[] Taste = new float[CourseVectors.Dimensions];
    public readonly float[] Interest = new float[CourseVectors.Dimensions];
    public readonly float[] Vector = new float[CourseVectors.Dimensions];
    /// <summary>Taste and interests as signed bytes, by which candidates are scored.</summary>
    public readonly QuantisedQuery TasteCodes = new();
    public readonly QuantisedQuery InterestCodes = new();
    /// <summary>Hashes of the declared interests, as <see cref="CourseEntry.Labels"/> has those of a course.</summary>
    public readonly ulong[] InterestLabels = new ulong[RankingQuestion.MostInterests];
    public readonly int[] Anchors = new int[8];
    public readonly float[] Redundancy = new float[256];
    public readonly int[] Pool = new int[256];
    /// <summary>How many of <see cref="Pool"/> the last ranking filled.</summary>
    public int PoolCount;
    public readonly ulong[] Order = new ulong[MostCandidates + 1];
    public readonly int[] Chosen = new int[RecommendationRequest.LargestCount];

    public readonly ConceptTaste Concepts = new();
    public readonly LearningOrder LearningOrder = new();

    /// <summary>The ranking rules that hold for this list.</summary>
    public readonly RulesInForce Rules = new();
    /// <summary>By slot, the candidate that a rule pins there; −1 for none.</summary>
    public readonly int[] Pinned = new int[RecommendationRequest.LargestCount];

    /// <summary>The last answer's versions: they change with the catalogue, not with the call.</summary>
    public (long Catalogue, SimilarityKernel Kernel, string? Learned, ModelVersions Versions)? Versions;

    /// <summary>Courses that the learned model listed, one after another.</summary>
    public ReadOnlySpan<int> Listed => _learnedList.Items;

    /// <summary>Courses that nobody remembered a score of and the learned model did not list.</summary>
    public ReadOnlySpan<int> Unlisted => _unlisted.Items;

    /// <summary>Begins with a model that is asked for its best, about the first entries of <see cref="LearnedHistory"/>.</summary>
    public void BeginShortlist(LearnedRecommender learned, int historyLength, in ShortlistKey key)
    {
        ShortlistKey = key;
        (_shortlist, _historyLength, _isRead, HasNewLearned) = (_shortlists.GetValue(learned, static model => model.NewShortlist()), historyLength, false, false);
        _stateLength = 0;
        _learnedList.Clear();
    }

    /// <summary>Takes down what was made of the same history before.</summary>
    public void RememberLearned(ReadOnlySpan<float> state)
    {
        if (_state.Length < state.Length)
        {
            _state = new float[state.Length];
        }

        state.CopyTo(_state);
        _stateLength = state.Length;
    }

    /// <summary>Writes what the model's list has made of the history.</summary>
    public void SaveLearned(ref float[] state)
    {
        Shortlist list = ReadShortlist();
        if (state.Length != list.StateSize)
        {
            state = new float[list.StateSize];
        }

        list.Save(state);
    }

    /// <summary>The model's list of the history that was begun with; it reads the history when it is first asked.</summary>
    public Shortlist ReadShortlist()
    {
        if (!_isRead)
        {
            ReadOnlySpan<HistoryEntry> history = LearnedHistory.AsSpan(0, _historyLength);
            if (_stateLength > 0 && _stateLength == _shortlist!.StateSize)
            {
                _shortlist.Restore(_state.AsSpan(0, _stateLength), history);
            }
            else
            {
                _shortlist!.Read(history);
            }

            _isRead = true;
        }

        return _shortlist!;
    }

    /// <summary>The learned model's score of a course, which a model with a list has been asked for.</summary>
    /// <param name="item">Its ordinal in the model.</param>
    public float LearnedScore(int course, int item) => _shortlist is null ? LearnedScores[item] : _learnedOf[course];

    /// <summary>Has the model's list asked for a course's score, unless it is known.</summary>
    /// <param name="item">Its ordinal in the model.</param>
    public void AskLearned(int course, int item)
    {
        if (_shortlist is not null && !HasLearned(course))
        {
            _hasLearned[course] = _generation;
            _askedCourses.Add(course);
            _askedItems.Add(item);
        }
    }

    /// <summary>Has all that was asked for answered at once.</summary>
    /// <param name="areListed">Whether these are what the model has listed.</param>
    public void AnswerLearned(bool areListed)
    {
        int asked = _askedItems.Count;
        if (asked == 0)
        {
            return;
        }

        if (_answers.Length < asked)
        {
            _answers = new float[Math.Max(MostCandidates, asked)];
        }

        ReadShortlist().Score(_askedItems.Items, _answers.AsSpan(0, asked));
        for (int i = 0; i < asked; i++)
        {
            NoteLearned(_askedCourses.Items[i], _answers[i], areListed && float.IsFinite(_answers[i]));
            if (!areListed)
            {
                _unlisted.Add(_askedCourses.Items[i]);
            }
        }

        _askedCourses.Clear();
        _askedItems.Clear();
        HasNewLearned = true;
    }

    public bool HasLearned(int course) => _hasLearned[course] == _generation;

    public float LearnedOf(int course) => _learnedOf[course];

    public bool IsListed(int course) => _listed[course] == _generation;

    public void NoteLearned(int course, float score, bool isListed)
    {
        _hasLearned[course] = _generation;
        _learnedOf[course] = score;
        if (isListed)
        {
            _listed[course] = _generation;
            _learnedList.Add(course);
        }
    }

    /// <summary>The thread's scratch, with room for so many courses and in a new generation.</summary>
    public static RecommendationScratch Take(int courses)
    {
        RecommendationScratch scratch = _scratch ??= new RecommendationScratch();
        if (scratch._owned.Length < courses)
        {
            int size = Math.Max(1024, courses + (courses / 8));
            scratch._owned = new int[size];
            scratch._gathered = new int[size];
            scratch._listed = new int[size];
            scratch._hasLearned = new int[size];
            scratch._learnedOf = new float[size];
            scratch._sums = new float[size];
            scratch._touched = new int[size];
            scratch._touchedCount = 0;
            scratch.Keys = new ulong[size];
            scratch._generation = 0;
        }

        if (scratch._generation == int.MaxValue)
        {
            Array.Clear(scratch._owned);
            Array.Clear(scratch._gathered);
            Array.Clear(scratch._listed);
            Array.Clear(scratch._hasLearned);
            scratch._generation = 0;
        }

        scratch._generation++;
        foreach (int target in scratch.Touched)
        {
            scratch._sums[target] = 0;
        }

        scratch._touchedCount = 0;
        scratch.CandidateCount = 0;
        scratch.Seen = 0;
        scratch.PoolCount = 0;
        scratch.LearnedScale = 0;
        scratch._shortlist = null;
        scratch.HasNewLearned = false;
        scratch._askedCourses.Clear();
        scratch._askedItems.Clear();
        scratch._unlisted.Clear();
        scratch.Concepts.Clear();
        scratch.LearningOrder.Clear();
        return scratch;
    }

    public int Generation => _generation;

    public void MarkOwned(int course)
    {
        if ((uint)course < (uint)_owned.Length)
        {
            _owned[course] = _generation;
        }
    }

    public bool IsOwned(int course) => _owned[course] == _generation;

    public bool IsGathered(int course) => _gathered[course] == _generation;

    /// <summary>True the first time in this decision.</summary>
    public bool MarkGathered(int course)
    {
        if (_gathered[course] == _generation)
        {
            return false;
        }

        _gathered[course] = _generation;
        return true;
    }

    /// <summary>Adds what a course of the history says about another.</summary>
    /// <param name="weight">Not below 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(int target, float weight)
    {
        ref float sum = ref _sums[target];
        if (sum == 0 && weight > 0)
        {
            _touched[_touchedCount++] = target;
        }

        sum += weight;
    }

    /// <summary>Courses that some course of the history pointed to.</summary>
    public ReadOnlySpan<int> Touched => _touched.AsSpan(0, _touchedCount);

    /// <summary>What all courses of the history said about one other, damped in place to the score; 0 when none pointed to it.</summary>
    public ref float SumOf(int course) => ref _sums[course];
}

/// <summary>A query vector as signed bytes with a scale.</summary>
internal sealed class QuantisedQuery
{
    private readonly sbyte[] _codes = new sbyte[CourseVectors.Dimensions];
    private float _scale;

    public ReadOnlySpan<sbyte> Codes => _codes;

    public float Scale => _scale;

    public void Set(ReadOnlySpan<float> vector) => _scale = VectorQuantiser.Quantise(vector, _codes);

    /// <summary>Cosine with a course's vector, off by at most a few thousandths.</summary>
    public float Cosine(CourseVectors vectors, int ordinal) =>
        (uint)ordinal < (uint)vectors.Count ? VectorScan.Dot(_codes, vectors.Of(ordinal)) * _scale * vectors.Scales[ordinal] : 0f;
}
