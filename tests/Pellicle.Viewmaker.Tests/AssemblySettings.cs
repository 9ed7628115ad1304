// Threads of kernels belong to the whole process, so test classes take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
