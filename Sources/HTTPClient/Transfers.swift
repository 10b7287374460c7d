import CCurl
import EventLoop
import Foundation
import Glibc
import PrimitiveKit

/// The transfers that are under way, all on one event loop.
///
/// That loop is theirs alone: where a libcurl would wait in a call, no other connection of opsh waits with it.
actor Transfers {
  nonisolated let loop: EventLoop
  private var multi: Multi?
  private var running: [UnsafeMutableRawPointer: Transfer] = [:]
  private var handles: [UInt64: UnsafeMutableRawPointer] = [:]
  private var lastID: UInt64 = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(loop: EventLoop) { self.loop = loop }

  deinit { loop.stop() }

  /// Makes an exchange; ends early when the task is cancelled.
  func perform(_ hop: Hop) async -> TransferEnding {
    lastID += 1
    let id = lastID
    return await withTaskCancellationHandler {
      await withCheckedContinuation { begin(hop, id, $0) }
    } onCancel: {
      loop.schedule(after: .zero) { [weak self] in self?.assumeIsolated { $0.giveUp(id) } }
    }
  }

  private func begin(_ hop: Hop, _ id: UInt64, _ continuation: CheckedContinuation<TransferEnding, Never>) {
    // The time may have been used up by the redirects before.
    guard !Task.isCancelled, hop.timeout > .zero else {
      let code: TransferEnding.Code = Task.isCancelled ? .cancelled : .timeout
      let isSent = hop.method.isRead
      let ending = TransferEnding(code: code, isSent: isSent, head: ResponseHead(), body: Data())
      return continuation.resume(returning: ending)
    }
    do throws(HTTPProblem) {
      let transfer = try Transfer(hop, id: id)
      transfer.continuation = continuation
      let loop = loop
      let proceed: @Sendable () -> Void = { [weak self] in self?.assumeIsolated { $0.proceed(id) } }
      transfer.onPause = { loop.schedule(after: .zero, proceed) }
      running[transfer.easy] = transfer
      handles[id] = transfer.easy
      guard let multi = multi ?? start(), multi.add(transfer) else { return fail(transfer, ENOMEM) }
    } catch {
      var ending = TransferEnding(code: .other, isSent: false, head: ResponseHead(), body: Data())
      ending.text = error.message
      continuation.resume(returning: ending)
    }
  }

  private func start() -> Multi? {
    multi = Multi(
      loop: loop,
      onReady: { [weak self] socket, readiness in self?.assumeIsolated { $0.work { $0.work(on: socket, readiness) } } },
      onTime: { [weak self] in self?.assumeIsolated { $0.work { $0.workOnTime() } } }
    )
    return multi
  }

  private func work(_ body: (Multi) -> Void) {
    guard let multi else { return }
    body(multi)
    for (easy, code) in multi.ended() {
      guard let transfer = running[easy] else { continue }
      finish(transfer, transfer.ending(code))
    }
    // What cannot be waited for would hang until its time is up.
    guard multi.fault != 0 else { return }
    for transfer in Array(running.values) { fail(transfer, multi.fault) }
    self.multi = nil
  }

  private func proceed(_ id: UInt64) {
    guard let easy = handles[id], let transfer = running[easy] else { return }
    work { _ in transfer.proceed() }
  }

  private func giveUp(_ id: UInt64) {
    guard let easy = handles[id], let transfer = running[easy] else { return }
    finish(transfer, transfer.ending(.cancelled))
  }

  private func fail(_ transfer: Transfer, _ fault: Int32) {
    finish(transfer, transfer.ending(.unwatched, fault: fault))
  }

  private func finish(_ transfer: Transfer, _ ending: TransferEnding) {
    multi?.remove(transfer)
    running[transfer.easy] = nil
    handles[transfer.id] = nil
    transfer.continuation?.resume(returning: ending)
    transfer.continuation = nil
  }
}
