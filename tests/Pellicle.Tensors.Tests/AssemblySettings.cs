// The kernel variant and the counters of live tensors belong to the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
