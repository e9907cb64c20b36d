namespace KnowledgePay.Learning.Files;

/// <summary>The arguments or the input are wrong: exit code 2. The message says where, and what was expected.</summary>
public class InputException : Exception
{
    public InputException(string message)
        : base(message)
    {
    }

    /// <param name="line">1 for the first.</param>
    /// <param name="column">1 for the first character of the line.</param>
    public InputException(string file, long line, long column, string message)
        : base($"{file}:{line}:{column}: {message}")
    {
    }
}

/// <summary>A field that is not UTF-8: the file may be in another encoding.</summary>
public sealed class NotUtf8Exception(string file, long line, long column, string message) : InputException(file, line, column, message);

/// <summary>The work could not be done: exit code 1.</summary>
public sealed class WorkFailedException(string message) : Exception(message);
