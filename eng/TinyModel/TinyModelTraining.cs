using System.Text;
using ComputeShare.TinyModel.Text;
using ComputeShare.TinyModel.Training;

namespace ComputeShare.TinyModel;

/// <summary>From a seed to the file: text, vocabulary, weights.</summary>
internal sealed class TinyModelTraining
{
    // Each stage has chance of its own, so that a change of one leaves the others.
    private const ulong VocabularySeed = 20260;
    private const ulong WeightSeed = 20261;
    private const ulong TextSeed = 20262;

    private const int VocabularyConversations = 12_000;
    private const int StepsBetweenReports = 50;

    private readonly ParameterLayout _layout = new(ModelShape.Tiny);
    private readonly Vocabulary _vocabulary = TrainVocabulary();

    public static TrainingPlan Plan { get; } = new(Steps: 3200, BatchesPerStep: 2, TokensPerBatch: 800, Rate: 2.5e-3f, WarmUpSteps: 60);

    /// <summary>The file before any training.</summary>
    public byte[] Untrained() => TinyModelFile.Write(_vocabulary, _layout, _layout.Initialize(new SeededRandom(WeightSeed)));

    /// <summary>The file after it; <paramref name="report"/> gets a line and the file so far from time to time.</summary>
    public byte[] Train(TrainingPlan plan, Action<string, byte[]> report)
    {
        var encoder = ConversationEncoder.Of(Untrained());
        var batches = new BatchSource(new TrainingText(new SeededRandom(TextSeed)), encoder, plan.TokensPerBatch, ModelShape.Tiny.ContextLength);
        var trainer = new Trainer(_layout, _layout.Initialize(new SeededRandom(WeightSeed)), plan);
        var (loss, tokens) = (0.0, 0L);
        for (var step = 1; step <= plan.Steps; step++)
        {
            var next = batches.Take(plan.BatchesPerStep);
            loss += trainer.Step(next);
            tokens += next.Sum(batch => batch.Tokens.Length);
            if (step % StepsBetweenReports == 0)
            {
                report($"step {step} of {plan.Steps}, {tokens:n0} tokens, loss {loss / StepsBetweenReports:0.000}", TinyModelFile.Write(_vocabulary, _layout, trainer.Values));
                loss = 0;
            }
        }

        return TinyModelFile.Write(_vocabulary, _layout, trainer.Values);
    }

    internal static Vocabulary TrainVocabulary()
    {
        var source = new TrainingText(new SeededRandom(VocabularySeed));
        var text = new StringBuilder();
        for (var i = 0; i < VocabularyConversations; i++)
        {
            foreach (var turn in source.Next().Turns)
            {
                text.Append(turn.Text).AppendJoin('\n', turn.Calls).Append('\n');
            }
        }

        return BpeTrainer.Train(text.ToString(), ModelShape.VocabularySize - 256 - ChatFormat.SpecialTokens.Length);
    }
}
