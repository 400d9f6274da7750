using Google.Protobuf.Collections;

// The protos' Session messages, seen alike by the one session client and the one session server. The generated halves of these
// classes live in obj/; the members named here exist there.
namespace ComputeShare.Contracts
{
    /// <summary>One command of a session.</summary>
    public interface ICommand
    {
        ulong CorrelationId { get; set; }

        /// <summary>W3C trace context; empty when no span is wanted.</summary>
        string Traceparent { get; set; }

        /// <summary>Milliseconds after which the sender no longer waits; 0 = none.</summary>
        uint DeadlineMs { get; set; }

        /// <summary>The command's name, such as <c>Reserve</c>: the span's name.</summary>
        string Name { get; }

        /// <summary>Bytes on the wire.</summary>
        int CalculateSize();
    }

    public interface IAnswer
    {
        ulong CorrelationId { get; set; }

        /// <summary>Bytes on the wire.</summary>
        int CalculateSize();
    }

    public interface ICommandBatch<TCommand>
        where TCommand : ICommand
    {
        RepeatedField<TCommand> Commands { get; }
    }

    public interface IAnswerBatch<TAnswer>
        where TAnswer : IAnswer
    {
        RepeatedField<TAnswer> Answers { get; }
    }
}

namespace ComputeShare.Contracts.Scheduling
{
    public partial class SchedulerCommand : ICommand
    {
        public string Name => CommandCase.ToString();
    }

    public partial class SchedulerAnswer : IAnswer;

    public partial class SchedulerCommands : ICommandBatch<SchedulerCommand>;

    public partial class SchedulerAnswers : IAnswerBatch<SchedulerAnswer>;
}

namespace ComputeShare.Contracts.Billing
{
    public partial class BillingCommand : ICommand
    {
        public string Name => CommandCase.ToString();
    }

    public partial class BillingAnswer : IAnswer;

    public partial class BillingCommands : ICommandBatch<BillingCommand>;

    public partial class BillingAnswers : IAnswerBatch<BillingAnswer>;
}
