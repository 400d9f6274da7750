using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>
/// A response's typed events, numbered, without <c>[DONE]</c> (WIRE 54). An item begins with its first fragment; the events that end it come
/// with the response's end, as text and calls may go on side by side until then.
/// </summary>
internal sealed class ResponseEvents(CompletionContext context) : IEventFormat
{
    private readonly ResponseBuilder _builder = new(context);
    private readonly ResponseEvent _event = new();
    private readonly List<StreamedItem> _items = [];
    private readonly List<StreamedCall> _calls = [];
    private StreamedText? _thoughts;
    private StreamedText? _message;
    private long _sequence;
    private bool _begun;

    public void WritePiece(SseWriter writer, in TextPiece piece)
    {
        Begin(writer);
        if (piece.Reasoning.Length > 0)
        {
            WriteThoughts(writer, piece.Reasoning);
        }

        if (piece.Content.Length > 0)
        {
            _message ??= Open(writer, new StreamedText(_builder.ItemId("msg", _items.Count), isThoughts: false));
            var logprobs = context.Request.Logprobs ? TokenLogprobEntry.Of(piece.Logprobs) : [];
            _message.Add(piece.Content, logprobs);
            WriteDelta(writer, _message, "response.output_text.delta", piece.Content, logprobs);
        }

        foreach (var call in piece.ToolCalls ?? [])
        {
            WriteCall(writer, call);
        }
    }

    public void WriteEnd(SseWriter writer, IReadOnlyList<ChoiceText> choices, bool openedEarly)
    {
        var reason = choices[0].FinishReason!;
        var status = ResponseBuilder.Status(reason);
        Begin(writer);
        if (_items.Count == 0)
        {
            Open(writer, new StreamedText(_builder.ItemId("msg", 0), isThoughts: false));
        }

        foreach (var item in _items)
        {
            WriteItemEnd(writer, item, status);
        }

        Write(writer, $"response.{status}", response: _builder.Ended(reason, Output(status), openedEarly));
    }

    public void WriteError(SseWriter writer, OpenAIError error)
    {
        if (_begun)
        {
            Write(writer, "response.failed", response: _builder.Broken(error, Output(ResponseBuilder.Incomplete)));
        }

        var failure = new ResponseErrorEvent(_sequence++, error.Code, error.Message, error.Param, ErrorBody.Of(error).Error, context.ErrorNote());
        writer.WriteEvent(failure.Type, failure, OpenAIJsonContext.Default.ResponseErrorEvent);
    }

    private void Begin(SseWriter writer)
    {
        if (!_begun)
        {
            _begun = true;
            var response = _builder.Begun();
            Write(writer, "response.created", response: response);
            Write(writer, "response.in_progress", response: response);
        }
    }

    private void WriteThoughts(SseWriter writer, string reasoning)
    {
        _thoughts ??= Open(writer, new StreamedText(_builder.ItemId("rs", _items.Count), isThoughts: true));
        _thoughts.Add(reasoning, []);
        WriteDelta(writer, _thoughts, "response.reasoning_text.delta", reasoning, null);
    }

    private void WriteCall(SseWriter writer, ToolCallPiece call)
    {
        if (call is { Id: { } id, Name: { } name })
        {
            _calls.Add(Open(writer, new StreamedCall(_builder.ItemId("fc", _items.Count), id, name)));
        }

        if (call.Arguments.Length > 0)
        {
            var item = _calls[call.Index];
            item.Add(call.Arguments);
            WriteDelta(writer, item, "response.function_call_arguments.delta", call.Arguments, null);
        }
    }

    private T Open<T>(SseWriter writer, T item)
        where T : StreamedItem
    {
        item.OutputIndex = _items.Count;
        _items.Add(item);
        Write(writer, "response.output_item.added", item, whole: item.Begun());
        if (item is StreamedText text)
        {
            Write(writer, "response.content_part.added", item, part: text.Part(""));
        }

        return item;
    }

    private void WriteItemEnd(SseWriter writer, StreamedItem item, string status)
    {
        switch (item)
        {
            case StreamedText text:
                _event.Text = text.Text;
                _event.Logprobs = text.IsThoughts ? null : text.Logprobs;
                Write(writer, text.IsThoughts ? "response.reasoning_text.done" : "response.output_text.done", item, contentIndex: 0);
                Write(writer, "response.content_part.done", item, part: text.Part(text.Text));
                break;
            case StreamedCall call:
                _event.Name = call.Name;
                _event.Arguments = call.Arguments;
                Write(writer, "response.function_call_arguments.done", item);
                break;
        }

        Write(writer, "response.output_item.done", item, whole: item.Ended(status));
    }

    private void WriteDelta(SseWriter writer, StreamedItem item, string type, string delta, IReadOnlyList<TokenLogprobEntry>? logprobs)
    {
        _event.Delta = delta;
        _event.Logprobs = logprobs;
        Write(writer, type, item, contentIndex: item is StreamedText ? 0 : null);
    }

    private List<ResponseItem> Output(string status) => [.. _items.Select(item => item.Ended(status))];

    // An item's own events name it by id; those that carry it, whole, by its place alone.
    private void Write(
        SseWriter writer,
        string type,
        StreamedItem? item = null,
        ResponseItem? whole = null,
        ResponsePart? part = null,
        int? contentIndex = null,
        Response? response = null)
    {
        _event.Type = type;
        _event.SequenceNumber = _sequence++;
        _event.Response = response;
        _event.ItemId = whole is null ? item?.Id : null;
        _event.OutputIndex = item?.OutputIndex;
        _event.ContentIndex = part is null ? contentIndex : 0;
        _event.Item = whole;
        _event.Part = part;
        writer.WriteEvent(type, _event, OpenAIJsonContext.Default.ResponseEvent);
        _event.Delta = _event.Text = _event.Name = _event.Arguments = null;
        _event.Logprobs = null;
    }
}
