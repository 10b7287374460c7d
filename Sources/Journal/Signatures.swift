package import PrimitiveKit

extension Journal {
  /// Writes a run down before anything of it begins.
  package func begin(_ run: RunHeader) async throws(CallFailure) { throw .notBuilt }
  /// Says where a run stands.
  package func update(_ id: String, state: RunState, reason: String?, exitCode: Int?) async throws(CallFailure) {
    throw .notBuilt
  }
  /// Continues a run in this process under a new lease.
  package func take(_ id: String, epoch: Int?, claim: String?) async throws(CallFailure) { throw .notBuilt }
  /// Finds a run by its id, or by a beginning or an end of it that no other has.
  package func run(_ id: String) async throws(CallFailure) -> RunHeader { throw .notBuilt }
  /// Lists runs, the newest first.
  package func runs(_ filter: RunFilter = RunFilter()) async throws(CallFailure) -> [RunHeader] { throw .notBuilt }

  /// Where a run writes its operations down.
  package func record(of run: String, claim: String?) -> any RunRecord { NoRecord() }
  /// What earlier processes of a run left.
  package func replay(of run: String) async throws(CallFailure) -> RunReplay { throw .notBuilt }
  /// The operations of a run in the order of their intents.
  package func operations(of run: String) async throws(CallFailure) -> [OperationRow] { throw .notBuilt }
  /// Operations nobody knows the end of; of all runs when none is given.
  package func unresolved(run: String? = nil) async throws(CallFailure) -> [OperationRow] { throw .notBuilt }
  /// Takes an operator's word for what became of an operation.
  package func resolve(
    run: String,
    key: String,
    isDone: Bool,
    outcome: String? = nil,
    reason: String
  ) async throws(CallFailure) { throw .notBuilt }

  /// Writes down that a step begins.
  package func beginStep(run: String, path: String, argumentsHash: String, attempt: Int) async throws(CallFailure) {
    throw .notBuilt
  }
  /// Writes down how a step ended.
  package func endStep(run: String, path: String, end: StepEnd) async throws(CallFailure) { throw .notBuilt }
  /// Opens a step again that ended.
  package func reopenStep(run: String, path: String) async throws(CallFailure) { throw .notBuilt }
  /// The steps of a run in the order they first began.
  package func steps(of run: String) async throws(CallFailure) -> [StepRow] { throw .notBuilt }

  /// Puts a remark into a run's timeline.
  package func note(run: String, text: String) async throws(CallFailure) { throw .notBuilt }
  /// The remarks of a run.
  package func notes(of run: String) async throws(CallFailure) -> [AuditRecord] { throw .notBuilt }
  /// The audit records of a run.
  package func timeline(of run: String) async throws(CallFailure) -> [AuditRecord] { throw .notBuilt }

  /// Asks; asked again, an earlier answer is void.
  package func ask(run: String, step: String, question: Question) async throws(CallFailure) { throw .notBuilt }
  /// Answers a question once.
  package func answer(run: String, id: String, text: String, by name: String) async throws(CallFailure) {
    throw .notBuilt
  }
  /// A question by its name; nil when it was never asked.
  package func question(run: String, id: String) async throws(CallFailure) -> QuestionRow? { throw .notBuilt }
  /// The questions an operator's runs wait for; of everybody when no name is given.
  package func openQuestions(operatorName: String?) async throws(CallFailure) -> [QuestionRow] { throw .notBuilt }

  /// Adds an audit record.
  package func append(_ event: String, run: String?, body: Value) async throws(CallFailure) { throw .notBuilt }
  /// Checks every audit record, the head and the anchors.
  package func verify() async throws(CallFailure) -> AuditReport { throw .notBuilt }
  /// Hands out audit records as JSON Lines, from a place on.
  package func export(from seq: Int64? = nil, _ line: @Sendable (String) -> Void) async throws(CallFailure) {
    throw .notBuilt
  }

  /// A long text by its hash; nil when the journal has none.
  package func text(_ hash: String) async throws(CallFailure) -> String? { throw .notBuilt }

  /// Says that a release must not be offered again.
  package func markBad(digest: String, image: String, run: String, reason: String) async throws(CallFailure) {
    throw .notBuilt
  }
  /// Releases that must not be offered, the newest mark first.
  package func badReleases() async throws(CallFailure) -> [BadRelease] { throw .notBuilt }
  /// Lets a release be offered again.
  package func clearBad(digest: String, reason: String) async throws(CallFailure) { throw .notBuilt }

  /// Keeps how many predictions of a run came true.
  package func addFidelity(run: String, kind: String, predicted: Int, matched: Int) async throws(CallFailure) {
    throw .notBuilt
  }
  /// How often predictions came true, by kind of operation.
  package func fidelity() async throws(CallFailure) -> [FidelityRow] { throw .notBuilt }

  /// Keeps an approval.
  package func add(_ approval: ApprovalRow) async throws(CallFailure) { throw .notBuilt }
  /// The approvals of a plan, the newest first.
  package func approvals(planHash: String) async throws(CallFailure) -> [ApprovalRow] { throw .notBuilt }
  /// Uses an approval once for a run.
  package func use(approval id: String, run: String) async throws(CallFailure) { throw .notBuilt }
}
