import Glibc

/// Reads the wall clock without Foundation.
package enum WallClock {
  /// Seconds since 1970-01-01 UTC.
  package static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
