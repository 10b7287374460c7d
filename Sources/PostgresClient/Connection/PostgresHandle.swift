import CPostgres
import Glibc

/// A connection of libpq: it cannot be copied and is closed when it goes out of scope.
struct PostgresHandle: ~Copyable {
  let raw: OpaquePointer
  private let warnings: Unmanaged<Warnings>

  /// Begins to connect; nil when there is no memory.
  ///
  /// Host names are looked up at once and block the thread meanwhile.
  init?(_ address: PostgresAddress, password: String?) {
    // The URL is given as the name of the database, which libpq expands; what follows it wins, what comes before loses.
    var fields = [
      ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"), ("dbname", address.url),
      ("client_encoding", "UTF8"), ("fallback_application_name", "opsh"),
    ]
    if let password { fields.append(("password", password)) }
    let raw = CStrings(fields.map(\.0)).read { keywords in
      CStrings(fields.map(\.1)).read { values in PQconnectStartParams(keywords, values, 1) }
    }
    guard let raw else { return nil }
    self.raw = raw
    warnings = Unmanaged.passRetained(Warnings())
    // The default prints notices to standard error, into the operator's prompt.
    PQsetNoticeReceiver(raw, { Warnings.note($0, $1) }, warnings.toOpaque())
  }

  deinit {
    PQfinish(raw)
    warnings.release()
  }

  /// What went wrong last, in one line.
  var lastError: String {
    let text = PQerrorMessage(raw).map { String(cString: $0) } ?? ""
    // Lines that begin with a tab only guess at the reason.
    let lines = text.split(whereSeparator: \.isNewline).filter { $0.first?.isWhitespace == false }.prefix(2)
    return lines.isEmpty ? "the connection was closed" : lines.joined(separator: "; ")
  }

  var isBroken: Bool { PQstatus(raw) == CONNECTION_BAD }
  var socket: Int32 { PQsocket(raw) }
  /// The server's process behind the connection, as `pg_stat_activity` calls it.
  var process: Int32 { PQbackendPID(raw) }
  /// Whether TLS protects it; a local socket never has any, whatever `sslmode` says.
  var isEncrypted: Bool { PQsslInUse(raw) == 1 }
  /// The warnings since the last call.
  var takenWarnings: [String] { warnings._withUnsafeGuaranteedRef { $0.take() } }

  var transaction: TransactionStatus {
    switch PQtransactionStatus(raw) {
    case PQTRANS_IDLE: .idle
    case PQTRANS_INTRANS, PQTRANS_ACTIVE: .active
    case PQTRANS_INERROR: .failed
    default: .unknown
    }
  }

  /// Hands itself to `body`; for a handle that is optional.
  borrowing func carry<Answer>(_ body: (borrowing PostgresHandle) -> Answer) -> Answer { body(self) }

  /// One step towards a connection.
  borrowing func poll() -> ProtocolEvent.ConnectPoll {
    switch PQconnectPoll(raw) {
    case PGRES_POLLING_OK:
      PQsetnonblocking(raw, 1)
      return .done
    case PGRES_POLLING_READING: return isBroken ? .failed(lastError, needsPassword: false) : .reading
    case PGRES_POLLING_WRITING: return isBroken ? .failed(lastError, needsPassword: false) : .writing
    default: return .failed(lastError, needsPassword: PQconnectionNeedsPassword(raw) == 1)
    }
  }

  /// Finds out whether the server has ended the connection.
  ///
  /// The first look may find the server's last words, the second the end behind them.
  borrowing func look() -> ProtocolEvent.Liveness {
    for _ in 0..<2 where PQconsumeInput(raw) == 0 || isBroken { return .dead(lastError) }
    return .alive
  }

  borrowing func consume() -> ProtocolEvent.Liveness { PQconsumeInput(raw) == 1 ? .alive : .dead(lastError) }

  borrowing func flush() -> ProtocolEvent.Flush {
    switch PQflush(raw) {
    case 0: .done
    case 1: .blocked
    default: .failed(lastError)
    }
  }

  /// Sends one statement with arguments; its rows come one by one when `isStream`.
  borrowing func send(_ statement: String, _ arguments: [PostgresArgument], isStream: Bool) -> ProtocolEvent.Liveness {
    let types = arguments.map(\.type)
    let sent = CStrings(arguments.map(\.text)).read { values in
      PQsendQueryParams(raw, statement, Int32(arguments.count), types, values, nil, nil, 0)
    }
    guard sent == 1, !isStream || PQsetSingleRowMode(raw) == 1 else { return .dead(lastError) }
    return .alive
  }

  /// Sends several statements without arguments.
  borrowing func send(_ statements: String) -> ProtocolEvent.Liveness {
    PQsendQuery(raw, statements) == 1 ? .alive : .dead(lastError)
  }

  /// The next answer, when it is there.
  borrowing func take(into rows: inout PostgresRows, _ reading: PostgresAnswer.Reading) -> ProtocolEvent.Answer {
    guard PQisBusy(raw) == 0 else { return .busy }
    guard let result = PQgetResult(raw) else { return .end(transaction, isBroken ? .dead(lastError) : .alive) }
    let answer = PostgresAnswer(result)
    answer.read(into: &rows, reading)
    return answer.event
  }

  /// The notifications that have come.
  borrowing func drain() -> [PostgresNotification] {
    var found: [PostgresNotification] = []
    while let raw = PQnotifies(raw) {
      found.append(
        PostgresNotification(
          channel: String(cString: raw.pointee.relname),
          payload: String(cString: raw.pointee.extra),
          process: raw.pointee.be_pid
        )
      )
      PQfreemem(raw)
    }
    return found
  }
}

/// Texts as C wants them: an array of pointers with a null pointer behind the last one.
struct CStrings: ~Copyable {
  private let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String?]) { pointers = texts.map { $0.flatMap { strdup($0) } } + [nil] }

  deinit { for pointer in pointers { free(pointer) } }

  borrowing func read<Answer>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Answer) -> Answer {
    pointers.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
