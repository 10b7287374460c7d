extension Value {
  /// The fields of a table; none for everything else.
  package var tableFields: [String: Value] {
    guard case .table(let fields) = self else { return [:] }
    return fields
  }
}
