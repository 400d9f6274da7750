using System.Globalization;

namespace ComputeShare.TestSupport.Fuzzing;

/// <summary>What a fuzzer says of a case that shows something broken: its number makes it again.</summary>
/// <param name="name">Of what the cases are.</param>
public sealed class FuzzCases(string name)
{
    /// <exception cref="BrokenCaseException">It does not hold.</exception>
    public void Require(bool holds, int number, string what)
    {
        if (!holds)
        {
            throw Broken(number, "not " + what);
        }
    }

    /// <summary>Of what nobody may see thrown.</summary>
    public BrokenCaseException Broken(int number, Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Broken(number, $"{error.GetType().Name} {error.StackTrace}");
    }

    private BrokenCaseException Broken(int number, string what) => new(string.Create(CultureInfo.InvariantCulture, $"{name} {number}: {what}"));
}

public sealed class BrokenCaseException(string message) : Exception(message);
