namespace KnowledgePay.Server.Documentation;

/// <summary>Marks the endpoint whose body is CloudEvents in any content mode.</summary>
public sealed class EventsBody;

/// <summary>Marks the endpoint whose body is many courses.</summary>
public sealed class CoursesBody;

/// <summary>Marks the endpoint whose body is a model's bytes.</summary>
public sealed class ModelBody;
