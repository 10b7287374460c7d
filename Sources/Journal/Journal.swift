package import PrimitiveKit

/// Everything that outlives a process: runs, steps, operations, questions, approvals and the audit chain.
///
/// Speaks the statements that `Database` allows. What changes something is written in one transaction with its audit
/// record and is durable when the call returns; a call that throws has written nothing.
package struct Journal: Sendable {
  package let database: any Database
  package let identity: ProcessIdentity
  /// Long texts that operations refer to by hash; new ones are written with the next change.
  package let texts: TextStore
  /// Why nothing can be written, for example a schema of a newer opsh; nil when it can.
  package let refusal: CallFailure?

  /// Opens a journal and creates its tables where there are none.
  ///
  /// Throws `journal.*` when it cannot even be read. One that can be read and not written opens with a `refusal`.
  package static func open(
    _ database: any Database,
    identity: ProcessIdentity,
    anchor: AnchorFile? = nil
  ) async throws(CallFailure) -> Journal {
    throw .notBuilt
  }
}

extension CallFailure {
  static let notBuilt = CallFailure(code: "journal.failed", message: "not built yet")
}
