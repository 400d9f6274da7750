// The classes start servers; more at once than the machine has cores only makes each slower.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
