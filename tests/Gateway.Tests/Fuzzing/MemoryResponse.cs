using System.IO.Pipelines;
using System.Text;
using ComputeShare.Contracts;
using ComputeShare.Gateway.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>A response without a server: it starts with its first flush, as a server's does.</summary>
internal sealed class MemoryResponse : IHttpResponseFeature, IHttpResponseBodyFeature, IDisposable
{
    private readonly StartingStream _body;

    /// <param name="keeps">What is written; else it is gone, and only that it has started is known.</param>
    public MemoryResponse(bool keeps = true)
    {
        _body = new StartingStream(this, keeps);
        Writer = PipeWriter.Create(_body);
    }

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public Stream Body { get => _body; set => throw new NotSupportedException(); }

    public bool HasStarted { get; private set; }

    public Stream Stream => _body;

    public PipeWriter Writer { get; }

    public string Text => Encoding.UTF8.GetString(_body.GetBuffer(), 0, (int)_body.Length);

    public long Length => _body.Length;

    public HttpContext NewContext()
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature());
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        var http = new DefaultHttpContext(features);
        http.SetRequestId(RequestId.New(TimeProvider.System));
        return http;
    }

    public void Dispose() => _body.Dispose();

    public void OnStarting(Func<object, Task> callback, object state)
    {
    }

    public void OnCompleted(Func<object, Task> callback, object state)
    {
    }

    public void DisableBuffering()
    {
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task CompleteAsync() => Task.CompletedTask;

    private sealed class StartingStream(MemoryResponse response, bool keeps) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            response.HasStarted = true;
            return keeps ? base.WriteAsync(buffer, cancellationToken) : ValueTask.CompletedTask;
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            response.HasStarted = true;
            if (keeps)
            {
                base.Write(buffer);
            }
        }
    }
}
