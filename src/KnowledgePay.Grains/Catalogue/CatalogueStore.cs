using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Rules;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Catalogue;

/// <summary>The catalogue as documents, and the snapshot made of them.</summary>
/// <remarks>One writer at a time; a write is durable first and in the snapshot before its caller hears of it.</remarks>
public sealed class CatalogueStore(IEngineStore store) : ICatalogue, IDisposable
{
    private const string CourseKind = "course";
    private const string PartnerKind = "partner";
    private const string ProductKindName = "product";
    private const string RuleKind = "ranking-rule";
    private const string TermKind = "term";
    private const int PageDocuments = 5_000;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<string, int> _terms = new(StringComparer.Ordinal);
    private CatalogueSnapshot _current = CatalogueSnapshot.Empty;
    private long _courseVersion;
    private long _partnerVersion;
    private long _productVersion;
    private long _ruleVersion;
    private long _termVersion;

    public CatalogueSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Reads everything that changed since the last read into the snapshot.</summary>
    public async ValueTask Load(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await Refresh(cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask<bool[]> PutCourses(IReadOnlyList<Course> courses, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            CatalogueSnapshot before = Current;
            bool[] made = [.. courses.Select(c => before.FindCourse(c.Id) is null)];
            await PutTerms(courses, cancellation);
            await store.Documents.Put(
                CourseKind,
                [.. courses.Select(c => new DocumentWrite(c.Id, JsonSerializer.SerializeToUtf8Bytes(c, CatalogueJson.Default.Course)))],
                cancellation);
            await Refresh(cancellation);
            return made;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask<bool> PutPartner(Partner partner, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            bool made = !Current.Partners.ContainsKey(partner.Id);
            await store.Documents.Put(PartnerKind, [new DocumentWrite(partner.Id, JsonSerializer.SerializeToUtf8Bytes(partner, CatalogueJson.Default.Partner))], cancellation);
            await Refresh(cancellation);
            return made;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask<bool> PutProduct(PartnerProduct product, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            bool made = Current.FindProduct(product.PartnerId, product.Id) is null;
            await store.Documents.Put(
                ProductKindName,
                [new DocumentWrite(ProductGrainKeys.Of(product.PartnerId, product.Id), JsonSerializer.SerializeToUtf8Bytes(product, CatalogueJson.Default.PartnerProduct))],
                cancellation);
            await Refresh(cancellation);
            return made;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask<bool?> PutRule(RankingRule rule, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await Refresh(cancellation);
            bool made = Current.Rules.Find(rule.Id) is null;
            if (made && Current.Rules.Entries.Length >= RankingRules.Most)
            {
                return null;
            }

            await store.Documents.Put(RuleKind, [new DocumentWrite(rule.Id, JsonSerializer.SerializeToUtf8Bytes(rule, CatalogueJson.Default.RankingRule))], cancellation);
            await Refresh(cancellation);
            return made;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask<bool> RemoveRule(string id, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await Refresh(cancellation);
            if (Current.Rules.Find(id) is null)
            {
                return false;
            }

            await store.Documents.Put(RuleKind, [new DocumentWrite(id, [])], cancellation);
            await Refresh(cancellation);
            return true;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>Gives each new category and concept its permanent number, before the courses that use it are stored.</summary>
    private async ValueTask PutTerms(IReadOnlyList<Course> courses, CancellationToken cancellation)
    {
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (Course course in courses)
        {
            foreach (string term in TermsOf(course))
            {
                if (!_terms.ContainsKey(term))
                {
                    unknown.Add(term);
                }
            }
        }

        if (unknown.Count > 0)
        {
            await store.Documents.Put(TermKind, [.. unknown.Select(t => new DocumentWrite(t, Encoding.UTF8.GetBytes(t)))], cancellation);
            await ReadTerms(cancellation);
        }
    }

    private static IEnumerable<string> TermsOf(Course course) =>
        string.IsNullOrEmpty(course.Category) ? course.Concepts : course.Concepts.Append(course.Category);

    private async ValueTask Refresh(CancellationToken cancellation)
    {
        // What names something else is read before it: another silo writes terms before courses, and partners before products.
        long productVersion = _productVersion, partnerVersion = _partnerVersion, courseVersion = _courseVersion;
        List<(int Number, PartnerProduct Value)> products = await Read(ProductKindName, productVersion, CatalogueJson.Default.PartnerProduct, v => productVersion = v, cancellation);
        List<(int Number, Partner Value)> partners = await Read(PartnerKind, partnerVersion, CatalogueJson.Default.Partner, v => partnerVersion = v, cancellation);
        List<(int Number, Course Value)> courses = await Read(CourseKind, courseVersion, CatalogueJson.Default.Course, v => courseVersion = v, cancellation);
        long ruleVersion = _ruleVersion;
        List<KeyValuePair<string, RankingRule?>> rules = await ReadRules(ruleVersion, v => ruleVersion = v, cancellation);
        await ReadTerms(cancellation);
        if (partners.Count == 0 && products.Count == 0 && courses.Count == 0 && rules.Count == 0 && _terms.Count == Current.Terms.Length)
        {
            return;
        }

        // Only now: a read that failed half way is done again from where the snapshot is.
        (_productVersion, _partnerVersion, _courseVersion, _ruleVersion) = (productVersion, partnerVersion, courseVersion, ruleVersion);
        // Each part only rises, so their sum names the state of all of them.
        long version = _courseVersion + _partnerVersion + _productVersion + _ruleVersion;
        var changes = new CatalogueChanges
        {
            Courses = [.. courses.Select(c => KeyValuePair.Create(c.Number, (Course?)c.Value))],
            Partners = [.. partners.Select(p => KeyValuePair.Create(p.Value.Id, (Partner?)p.Value))],
            Products = [.. products.Select(p => new ProductEntry { Ordinal = p.Number, Product = p.Value, Eligibility = Compile(p.Value) })],
            Rules = rules,
            Terms = _terms.Count == Current.Terms.Length ? null : TermsByNumber(),
        };
        Volatile.Write(ref _current, CatalogueBuilder.Apply(Current, changes, version, term => _terms.GetValueOrDefault(term, -1)));
    }

    private string[] TermsByNumber()
    {
        string[] terms = new string[_terms.Count];
        foreach ((string term, int number) in _terms)
        {
            terms[number] = term;
        }

        return terms;
    }

    private async ValueTask ReadTerms(CancellationToken cancellation)
    {
        while (true)
        {
            IReadOnlyList<Document> page = await store.Documents.Changes(TermKind, _termVersion, PageDocuments, cancellation);
            foreach (Document document in page)
            {
                _terms[document.Id] = document.Number;
                _termVersion = document.Version;
            }

            if (page.Count < PageDocuments)
            {
                return;
            }
        }
    }

    private async ValueTask<List<(int Number, T Value)>> Read<T>(
        string kind, long version, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json, Action<long> read, CancellationToken cancellation)
    {
        var values = new List<(int, T)>();
        while (true)
        {
            IReadOnlyList<Document> page = await store.Documents.Changes(kind, version, PageDocuments, cancellation);
            foreach (Document document in page)
            {
                version = document.Version;
                values.Add((document.Number, JsonSerializer.Deserialize(document.Body, json)
                    ?? throw new InvalidDataException($"The stored {kind} '{document.Id}' is empty.")));
            }

            if (page.Count < PageDocuments)
            {
                read(version);
                return values;
            }
        }
    }

    /// <summary>Ranking rules are the only documents here that may be taken away: an empty body.</summary>
    private async ValueTask<List<KeyValuePair<string, RankingRule?>>> ReadRules(long version, Action<long> read, CancellationToken cancellation)
    {
        var rules = new List<KeyValuePair<string, RankingRule?>>();
        while (true)
        {
            IReadOnlyList<Document> page = await store.Documents.Changes(RuleKind, version, PageDocuments, cancellation);
            foreach (Document document in page)
            {
                version = document.Version;
                rules.Add(new(document.Id, document.Body.Length == 0 ? null : JsonSerializer.Deserialize(document.Body, CatalogueJson.Default.RankingRule)));
            }

            if (page.Count < PageDocuments)
            {
                read(version);
                return rules;
            }
        }
    }

    /// <summary>A product whose stored rule no longer compiles is offered to nobody rather than to everybody.</summary>
    private static CompiledRule Compile(PartnerProduct product) => RuleCompiler.Compile(product.Eligibility).Rule ?? RuleCompiler.Never;
}

[JsonSerializable(typeof(Course))]
[JsonSerializable(typeof(Partner))]
[JsonSerializable(typeof(PartnerProduct))]
[JsonSerializable(typeof(RankingRule))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class CatalogueJson : JsonSerializerContext;
