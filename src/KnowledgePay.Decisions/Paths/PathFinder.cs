using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Reasons;

namespace KnowledgePay.Decisions.Paths;

/// <summary>The way to a course: what has to be taken first, and before that, of what a person does not have yet.</summary>
/// <remarks>
/// A prerequisite is a course, or, where no course has that id, a concept: then any course that teaches it will do, and the cheapest is chosen. The cost of a course is one and the costs of what it asks for
/// (what two of them share counts twice), least over all choices by Knuth's generalisation of Dijkstra's algorithm (1977): it ends on cycles, and says when nothing leads to the goal.
/// </remarks>
public static class PathFinder
{
    /// <summary>Courses that are looked at, and on a path, at most.</summary>
    public const int MostCourses = 5_000;

    /// <inheritdoc cref="MostCourses"/>
    public const int MostSteps = 100;

    /// <param name="shelf">Ordinals of the courses that the person has.</param>
    /// <returns>404 for an unknown goal, 409 when nothing leads to it or the way is too long.</returns>
    public static Answer<PathAnswer> Find(CatalogueSnapshot catalogue, ReadOnlySpan<int> shelf, string goalId, DateTimeOffset now)
    {
        if (catalogue.FindCourse(goalId) is not { } goal)
        {
            return Problem.NotFound("course", goalId);
        }

        var owned = new HashSet<int>(shelf.Length);
        foreach (int course in shelf)
        {
            owned.Add(course);
        }

        var graph = new Graph(catalogue, owned, now);
        if (!owned.Contains(goal.Ordinal) && !graph.Reach(goal.Ordinal))
        {
            return Problem.Conflict("no-path", "Nothing leads to this course.", graph.WhyNot(goal.Ordinal));
        }

        var steps = new List<(int Course, int? For)>();
        if (!owned.Contains(goal.Ordinal))
        {
            graph.Order(goal.Ordinal, steps);
        }

        if (steps.Count > MostSteps)
        {
            return Problem.Conflict("path-too-long", "The way to this course is too long.", $"It has {steps.Count} courses; at most {MostSteps} are answered.");
        }

        return new PathAnswer
        {
            CourseId = goalId,
            Steps = [.. steps.Select(step => Step(catalogue, step.Course, step.For))],
            ModelVersions = new ModelVersions(ImmutableSortedDictionary<string, string>.Empty.Add("catalogue", catalogue.Version.ToString(CultureInfo.InvariantCulture))),
        };
    }

    private static PathStep Step(CatalogueSnapshot catalogue, int course, int? needed) => new()
    {
        CourseId = catalogue.Courses[course]!.Course.Id,
        Reasons = [needed is { } by ? Reason.Of(ReasonCodes.PathNeededFor, catalogue.Courses[by]!.Course.Title) : new Reason(ReasonCodes.PathGoal)],
    };

    /// <summary>Courses and what they ask for, as far as the goal's way goes.</summary>
    private sealed class Graph(CatalogueSnapshot catalogue, HashSet<int> owned, DateTimeOffset now)
    {
        private readonly Dictionary<int, int> _cost = [];
        private readonly Dictionary<int, List<Requirement>> _requirements = [];

        /// <summary>Whether the goal can be taken at some time; finds the cheapest choices.</summary>
        public bool Reach(int goal)
        {
            var waiting = new Dictionary<int, List<Requirement>>();
            var queue = new PriorityQueue<int, (int Cost, int Course)>();
            var open = new Queue<int>([goal]);
            var seen = new HashSet<int> { goal };
            while (open.Count > 0)
            {
                int course = open.Dequeue();
                if (owned.Contains(course))
                {
                    queue.Enqueue(course, (0, course));
                    continue;
                }

                if (catalogue.Courses[course]!.Course.PublishedAt > now)
                {
                    // It is not there to be taken.
                    _requirements[course] = [new Requirement(course, catalogue.Courses[course]!.Course.Id, [])];
                    continue;
                }

                List<Requirement> own = _requirements[course] = RequirementsOf(course);
                if (own.Count == 0)
                {
                    queue.Enqueue(course, (1, course));
                }

                foreach (Requirement requirement in own)
                {
                    foreach (int choice in requirement.Choices)
                    {
                        (waiting.TryGetValue(choice, out List<Requirement>? others) ? others : waiting[choice] = []).Add(requirement);
                        if (seen.Count < MostCourses && seen.Add(choice))
                        {
                            open.Enqueue(choice);
                        }
                    }
                }
            }

            while (queue.TryDequeue(out int course, out (int Cost, int Course) priority))
            {
                if (!_cost.TryAdd(course, priority.Cost))
                {
                    continue;
                }

                foreach (Requirement requirement in waiting.GetValueOrDefault(course) ?? [])
                {
                    // Courses come in the order of their costs: the first that fulfils a requirement is the cheapest that does.
                    requirement.Chosen ??= course;
                    List<Requirement> all = _requirements[requirement.Of];
                    if (all.TrueForAll(one => one.Chosen is not null))
                    {
                        long sum = 1 + all.Sum(one => (long)_cost[one.Chosen!.Value]);
                        queue.Enqueue(requirement.Of, ((int)Math.Min(int.MaxValue, sum), requirement.Of));
                    }
                }
            }

            return _cost.ContainsKey(goal);
        }

        /// <summary>The chosen courses, each after what it asks for.</summary>
        public void Order(int goal, List<(int Course, int? For)> steps)
        {
            var done = new HashSet<int>();
            var stack = new Stack<(int Course, int? For, bool Asked)>([(goal, null, false)]);
            while (stack.TryPop(out (int Course, int? For, bool Asked) top))
            {
                if (top.Asked)
                {
                    steps.Add((top.Course, top.For));
                }
                else if (!owned.Contains(top.Course) && done.Add(top.Course))
                {
                    stack.Push(top with { Asked = true });
                    List<Requirement> own = _requirements[top.Course];
                    for (int k = own.Count - 1; k >= 0; k--)
                    {
                        stack.Push((own[k].Chosen!.Value, top.Course, false));
                    }
                }
            }
        }

        /// <summary>The first thing on the way that cannot be had, or the circle that asks for itself.</summary>
        public string WhyNot(int goal)
        {
            var way = new List<int>();
            for (int at = goal; ;)
            {
                int before = way.IndexOf(at);
                if (before >= 0)
                {
                    return $"Its prerequisites ask for each other: {string.Join(" needs ", way.Skip(before).Append(at).Select(course => $"'{catalogue.Courses[course]!.Course.Id}'"))}.";
                }

                way.Add(at);
                if (!_requirements.TryGetValue(at, out List<Requirement>? own))
                {
                    return $"There are more than {MostCourses} courses on the way.";
                }

                Requirement missing = own.First(one => one.Chosen is null);
                if (missing.Choices.Length == 0)
                {
                    string course = catalogue.Courses[at]!.Course.Id;
                    return missing.Name == course ? $"'{course}' is not published yet." : $"'{course}' asks for '{missing.Name}', which no course is and none teaches.";
                }

                at = missing.Choices[0];
            }
        }

        private List<Requirement> RequirementsOf(int course)
        {
            var all = new List<Requirement>();
            ImmutableArray<string> asked = catalogue.Courses[course]!.Course.Prerequisites;
            foreach (string name in asked.IsDefault ? [] : asked)
            {
                int[] choices = catalogue.Graph.Fulfilling(name);
                if (!choices.AsSpan().Contains(course))
                {
                    all.Add(new Requirement(course, name, choices));
                }
            }

            return all;
        }
    }

    /// <summary>Something that a course asks for, and which courses fulfil it.</summary>
    private sealed class Requirement(int of, string name, int[] choices)
    {
        public int Of { get; } = of;

        public string Name { get; } = name;

        public int[] Choices { get; } = choices;

        public int? Chosen { get; set; }
    }
}
