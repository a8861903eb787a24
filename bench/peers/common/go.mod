module usher/bench/peers/common

go 1.26
