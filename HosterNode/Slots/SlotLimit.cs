namespace ComputeShare.HosterNode.Slots;

/// <summary>Who says how many slots are worth offering. The least counts.</summary>
internal enum SlotLimit
{
    /// <summary>Heat and memory of the GPUs.</summary>
    Gpus,

    /// <summary>What the machine's owner does with the engine.</summary>
    Owner,
}
