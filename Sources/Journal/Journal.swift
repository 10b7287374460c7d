import Foundations
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
  /// What opening it did that the operator has to know, to be said once; nil for nothing.
  package private(set) var notice: String?
  /// Names this journal among all: 16 hexadecimal digits.
  package let id: String
  let anchorFile: AnchorFile?
  let anchorTurn = AnchorTurn()
  let unsaved: UnsavedTexts
  /// Says whether marks of releases were changed here since they were read.
  package let releaseEdition = ReleaseEdition()
  /// The identity as the field `who` of audit records.
  let who: String

  /// Opens a journal, creates its tables where there are none, and migrates one of an older opsh.
  ///
  /// Throws `journal.*` when it cannot even be read, or not be migrated. One that can be read and not written opens with a
  /// `refusal`.
  package static func open(
    _ database: any Database,
    identity: ProcessIdentity,
    anchor: AnchorFile? = nil
  ) async throws(CallFailure) -> Journal {
    let marks: (id: String, version: Int)
    do throws(CallFailure) {
      marks = try await self.marks(of: database)
    } catch {
      // What is left of a damaged journal can still be exported.
      guard error.mark == .damaged else { throw error }
      return Journal(database, identity, anchor, id: "", refusal: error)
    }
    let refusal = try await refusal(of: database, marks, anchor)
    var journal = Journal(database, identity, anchor, id: marks.id, refusal: refusal)
    if refusal == nil, marks.version < Schema.version { journal.notice = try await journal.migrate() }
    return journal
  }

  private static func refusal(
    of database: any Database,
    _ marks: (id: String, version: Int),
    _ anchor: AnchorFile?
  ) async throws(CallFailure) -> CallFailure? {
    if marks.version > Schema.version { return Schema.newer(marks.version, name: database.name) }
    // Read before the journal is: one that is written meanwhile names nothing that is missing.
    let newest = anchor?.newest(of: marks.id).map { ($0, anchor?.path ?? "") }
    do throws(CallFailure) {
      return try await database.reading { (session) throws(CallFailure) in
        try await OpeningCheck(session: session, name: database.name, anchor: newest).misfit()
      }
    } catch {
      if error.mark == .damaged { return error }
      throw error
    }
  }

  private init(
    _ database: any Database,
    _ identity: ProcessIdentity,
    _ anchor: AnchorFile?,
    id: String,
    refusal: CallFailure?
  ) {
    self.database = database
    self.identity = identity
    self.id = id
    self.refusal = refusal
    anchorFile = anchor
    texts = TextStore()
    unsaved = UnsavedTexts(texts)
    who = identity.auditText.text
  }

  /// Why a change would be refused now: the `refusal`, a full disk, a file or server that is read-only; nil without a reason.
  package func obstacle() async -> CallFailure? {
    if let refusal { return refusal }
    return await database.obstacle()
  }

  /// The failure of a journal that is not what its own words say.
  static func damaged(_ name: String, _ what: String) -> CallFailure {
    CallFailure(
      .journal,
      .damaged,
      code: "journal.corrupt",
      message: "the journal \(name) is damaged: \(what)",
      hint: """
        opsh no longer writes to it. See what was changed with `opsh audit verify`; then restore a backup with \
        `opsh journal restore BACKUP`, or keep the journal as it is with `opsh audit accept --reason …`
        """
    )
  }

  /// The failure of writing to a journal that `verify` found something wrong with.
  static func marked(_ name: String, _ found: String) -> CallFailure {
    damaged(name, "`opsh audit verify` found that \(found)")
  }

  private static func marks(of database: any Database) async throws(CallFailure) -> (id: String, version: Int) {
    do throws(CallFailure) {
      let found = try await database.reading { (session) throws(CallFailure) in try await Schema.marks(session) }
      if let found { return found }
    } catch {
      // Without tables the look fails; what else is wrong shows again when they are made.
      if error.mark == .damaged { throw error }
    }
    let id = SHA256(hashing: (0..<32).map { _ in UInt8.random(in: 0...255) }).hex.prefix(16)
    let made = try await database.transaction { (session) throws(CallFailure) in
      try await Schema.create(session, id: String(id))
      return try await Schema.marks(session)
    }
    guard let made else { throw damaged(database.name, "its meta table does not identify it") }
    return made
  }
}
