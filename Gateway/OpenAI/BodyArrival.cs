using ComputeShare.Gateway.Authentication;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>One body while it arrives: its part of the <see cref="BodyBudget"/>, and the time that it has. A small one has neither.</summary>
internal sealed class BodyArrival(HttpRequest request, CancellationToken clientLeft) : IDisposable
{
    private BodyBudget? _budget;
    private string _account = "";
    private int _taken;
    private CancellationTokenSource? _late;
    private CancellationTokenSource? _stop;

    /// <summary>The client left, or the time is up.</summary>
    public CancellationToken Token => _stop?.Token ?? clientLeft;

    public bool IsLate => _late is { IsCancellationRequested: true } && !clientLeft.IsCancellationRequested;

    /// <returns>False: there is not so much memory left for bodies.</returns>
    public bool TryGrow(int bytes)
    {
        if (_budget is null)
        {
            var http = request.HttpContext;
            _budget = http.RequestServices.GetRequiredService<BodyBudget>();
            _account = http.Features.Get<Caller>()?.Record.AccountId ?? "";
            _late = _budget.StartTimer();
            _stop = CancellationTokenSource.CreateLinkedTokenSource(_late.Token, clientLeft);
        }

        if (!_budget.TryTake(_account, bytes))
        {
            return false;
        }

        _taken += bytes;
        return true;
    }

    /// <summary>What is told to a client that was too slow. Its connection ends: the rest of the body may never come.</summary>
    public BadHttpRequestException Late()
    {
        request.HttpContext.CloseConnection();
        return new BadHttpRequestException("The body did not arrive in time.", StatusCodes.Status408RequestTimeout);
    }

    public void Dispose()
    {
        _budget?.GiveBack(_account, _taken);
        _stop?.Dispose();
        _late?.Dispose();
    }
}
