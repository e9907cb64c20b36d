using KnowledgePay.Grains.Tests;

[assembly: AssemblyFixture(typeof(SharedEngine))]

namespace KnowledgePay.Grains.Tests;

/// <summary>One engine for all tests that need none of their own; each test uses people and courses that no other test uses.</summary>
public sealed class SharedEngine : IAsyncLifetime
{
    public const int Courses = 120;

    public TestEngine Engine { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Engine = await TestEngine.Start();
        await Engine.PutCourses(Courses);
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
