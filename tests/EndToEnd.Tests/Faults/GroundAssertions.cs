using System.Globalization;
using System.Net;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>What is promised of requests while the ground gives way, and afterwards.</summary>
internal static class GroundAssertions
{
    /// <summary>It is told to come back.</summary>
    public static void AssertRefused(this ChatAnswer answer) => Assert.True(answer.IsRefused(), $"{answer}");

    public static void AssertServed(this ChatAnswer answer) => Assert.True(answer.Completed, $"{answer}");

    public static bool IsRefused(this ChatAnswer answer) =>
        answer.Status == HttpStatusCode.ServiceUnavailable && int.TryParse(answer.Header("retry-after"), CultureInfo.InvariantCulture, out var seconds) && seconds > 0;

    /// <summary>Each was paid once, for what it delivered, and nothing is left over.</summary>
    public static async Task AssertPaidAsync(this Cluster cluster, IEnumerable<ChatAnswer> answers, CancellationToken cancellationToken)
    {
        foreach (var answer in answers)
        {
            var bill = await cluster.Books.BillAsync(answer.RequestId, cancellationToken);
            Assert.Equal((answer.RequestId, answer.Tokens), (answer.RequestId, bill.Tokens));
            Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
        }

        await cluster.Books.WaitUntilClosedAsync(cancellationToken);
    }
}
