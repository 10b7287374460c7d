import PrimitiveKit
import Synchronization

/// A service that exists to show what one takes: this file, and nothing else.
///
/// A bank that knows balances by account, and takes orders.
protocol Bank: Sendable {
  func balance(of account: String, password: String) async throws(CallFailure) -> Balance
  func pay(_ amount: String, to account: String) async throws(CallFailure)
}

struct Balance: RecordedAnswer, Equatable {
  var account: String
  var amount: String
  var currency = "USDC"

  func masked(by masks: Masks) -> Balance {
    Balance(account: masks.id(account), amount: masks.amount(amount), currency: currency)
  }
}

enum Banks: Service {
  static let name = "banks"

  static func reading(_ live: any Bank) -> any Bank { ReadingBank(base: live) }
  static func recording(_ live: any Bank, in log: RecordingLog) -> any Bank { RecordingBank(base: live, log: log) }
  static func replaying(_ log: ReplayLog) -> any Bank { ReplayBank(log: log) }
  static var absent: any Bank { ReadingBank(base: nil) }

  /// The password is a secret: it is no part of the question, and so in no recording.
  static func question(_ account: String, _ masks: Masks) -> ReadQuestion {
    let account = masks.id(account)
    return ReadQuestion(of: "north", summary: "balance of \(account)", parts: ["account": Array(account.utf8)])
  }

  static let refusal = CallFailure(.refused, code: "bank.read_only", message: "a dry run pays nobody")
}

/// The live form; counts what reached it.
final class Vault: Bank {
  private let state = Mutex((balances: ["5021": "12.50", "5022": "-0.75"], asked: 0, paid: 0))
  var counts: (asked: Int, paid: Int) { state.withLock { ($0.asked, $0.paid) } }

  func balance(of account: String, password: String) async throws(CallFailure) -> Balance {
    let amount = state.withLock { state in
      state.asked += 1
      return state.balances[account]
    }
    guard let amount, password == "s3cret" else {
      throw CallFailure(.failed, code: "bank.unknown", message: "no such account")
    }
    return Balance(account: account, amount: amount)
  }

  func pay(_ amount: String, to account: String) async throws(CallFailure) { state.withLock { $0.paid += 1 } }
}

private struct ReadingBank: Bank {
  let base: (any Bank)?

  func balance(of account: String, password: String) async throws(CallFailure) -> Balance {
    guard let base else { throw CallFailure(.unavailable, code: "bank.absent", message: "this world has no bank") }
    return try await base.balance(of: account, password: password)
  }

  func pay(_ amount: String, to account: String) async throws(CallFailure) { throw Banks.refusal }
}

private struct RecordingBank: Bank {
  let base: any Bank
  let log: RecordingLog

  func balance(of account: String, password: String) async throws(CallFailure) -> Balance {
    let place = log.ask(Banks.question(account, log.masks), of: Banks.self)
    let balance = try await base.balance(of: account, password: password)
    log.answer(place, balance)
    return balance
  }

  func pay(_ amount: String, to account: String) async throws(CallFailure) { try await base.pay(amount, to: account) }
}

private struct ReplayBank: Bank {
  let log: ReplayLog

  func balance(of account: String, password: String) async throws(CallFailure) -> Balance {
    do throws(MissingRead) {
      return try log.answer(to: Banks.question(account, log.masks), of: Banks.self)
    } catch {
      throw CallFailure(error)
    }
  }

  func pay(_ amount: String, to account: String) async throws(CallFailure) { throw Banks.refusal }
}
