/// The row of the table `meta` that says which audit record tells of the newest pruning.
enum PruneMark {
  static let name = "pruned"
}
