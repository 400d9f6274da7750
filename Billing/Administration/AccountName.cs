using System.Text.RegularExpressions;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary>A hoster's name begins its models' names and stands in a header; a consumer's obeys the same rule.</summary>
internal static partial class AccountName
{
    /// <exception cref="AdministrationException">It is none.</exception>
    public static void Check(string name)
    {
        // A name of an id's shape could hide another account behind it.
        if (!Shape().IsMatch(name) || RequestId.TryParse(name, out _))
        {
            throw new AdministrationException(
                "An account's name is 1 to 64 letters, digits, dots, dashes or underscores, begins with a letter or digit, and is no id.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Shape();
}
