using ComputeShare.TinyModel.Text;

namespace ComputeShare.TinyModel.Training;

/// <summary>Fills batches with conversations until the next one no longer fits.</summary>
internal sealed class BatchSource(TrainingText text, ConversationEncoder encoder, int tokensPerBatch, int longestSample)
{
    private Sample? _waiting;

    public Batch[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    private Batch Next()
    {
        var samples = new List<Sample>();
        var used = 0;
        while (true)
        {
            var sample = _waiting ?? encoder.Encode(text.Next());
            _waiting = null;
            if (sample.Tokens.Length > longestSample)
            {
                continue;
            }

            if (samples.Count > 0 && used + sample.Tokens.Length > tokensPerBatch)
            {
                _waiting = sample;
                return new Batch(samples);
            }

            samples.Add(sample);
            used += sample.Tokens.Length;
        }
    }
}
