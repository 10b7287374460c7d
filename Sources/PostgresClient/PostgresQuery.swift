/// One statement and its arguments, which are always bound.
package struct PostgresQuery: Sendable {
  package let text: String
  package let arguments: [PostgresArgument]
  /// How long the server may work on it (`statement_timeout`).
  ///
  /// It is set for the transaction, so it needs an open one; outside of one `deadline` alone holds.
  package var serverLimit: Duration?
  /// How long the caller waits; then the server is told to cancel, and the connection stays.
  package var deadline: Duration
  /// Whether cancelling the task cancels the statement on the server.
  package var isCancellable = true

  /// Throws `.invalid` for a statement or an argument that the server cannot take.
  package init(
    _ text: String,
    _ arguments: [any PostgresEncodable] = [],
    serverLimit: Duration? = nil,
    deadline: Duration = .seconds(35)
  ) throws(PostgresError) {
    if text.utf8.contains(0) { throw .invalid("a text with a zero byte") }
    self.text = text
    var encoded: [PostgresArgument] = []
    for argument in arguments { encoded.append(try argument.postgresArgument()) }
    self.arguments = encoded
    self.serverLimit = serverLimit
    self.deadline = deadline
  }
}
