import Foundations
import PrimitiveKit

/// How much a number grows, from two samples of it.
struct Growth {
  /// The time that the growth is told for.
  let period: Duration

  /// Samples that are closer tell more of noise than of growth.
  private var least: Double { max(1, period.seconds / 60) }

  /// What is judged instead of a measurement, and the sample that is kept for the next time.
  ///
  /// Without a sample to compare with there is no value, and the note says why.
  func measured(_ measured: Measured, at: Double, after kept: CheckSample?, of check: String) -> (
    Measured, CheckSample?
  ) {
    guard let value = measured.value, value.isFinite, at.isFinite else { return (measured, nil) }
    let now = CheckReading(value, at: at)
    let subject = measured.subject ?? ""
    guard let kept else {
      return (unknown(measured, "this is the first sample; growth needs two"), CheckSample(check, subject, now))
    }
    guard kept.last.at <= at else {
      // A sample of a clock that was wrong must not stand in the way for as long as it was ahead.
      return (
        unknown(measured, "the last sample is newer than this one: a clock is wrong"), CheckSample(check, subject, now)
      )
    }
    let isClose = at - kept.last.at < least
    guard let base = isClose ? kept.before : kept.last, at - base.at >= least else {
      let age = Int((at - kept.last.at).rounded(.down))
      let needed = Int(least.rounded(.up))
      return (unknown(measured, "the last sample is only \(age) s old; growth needs \(needed) s between two"), nil)
    }
    var grown = measured
    grown.most = nil
    grown.value = ((value - base.value) / (at - base.at) * period.seconds * 1e6).rounded() / 1e6
    grown.evidence = .table([
      "from": .number(base.value), "to": .number(value), "seconds": .number(at - base.at), "of": measured.evidence,
    ])
    return (grown, isClose ? nil : CheckSample(check, subject, now, before: kept.last))
  }

  private func unknown(_ measured: Measured, _ why: String) -> Measured {
    var measured = measured
    measured.value = nil
    measured.note = why
    return measured
  }
}
