// SPDX-License-Identifier: Apache-2.0

// Puts records into etcd over gRPC, many at a time, each with a key of its own,
// and prints one line of JSON as bench/load does:
//
//	put ADDRESS CLIENTS SECONDS BYTES
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// As many connections as the benchmark of etcd itself would take for so many
// clients on a small machine; each carries its share of the clients.
const connections = 8

// What one client measured: how long each of its puts took.
type times []time.Duration

func connect(address string) []*clientv3.Client {
	made := make([]*clientv3.Client, connections)
	for i := range made {
		client, err := clientv3.New(clientv3.Config{
			Endpoints:   []string{address},
			DialTimeout: 5 * time.Second,
		})
		if err != nil {
			log.Fatal(err)
		}
		made[i] = client
	}
	return made
}

// Puts one record after another until the end.
func putUntil(client *clientv3.Client, name int, value string,
	end time.Time) times {
	var took times
	for n := 0; ; n++ {
		start := time.Now()
		if start.After(end) {
			return took
		}
		key := fmt.Sprintf("%06d-%019d", name, start.UnixNano())
		_, err := client.Put(context.Background(), key, value)
		if err != nil {
			log.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
}

func processor() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func report(all times, seconds float64, cpu time.Duration) {
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	us := func(d time.Duration) float64 {
		return float64(d.Nanoseconds()) / 1e3
	}
	at := func(q float64) float64 {
		i := int(q * float64(len(all)))
		return us(all[min(i, len(all)-1)])
	}
	if len(all) == 0 {
		log.Fatal("nothing was put")
	}
	fmt.Printf("{\"requests\":%d,\"errors\":0,\"seconds\":%.3f,"+
		"\"per_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,"+
		"\"load_us\":%.2f}\n", len(all), seconds,
		float64(len(all))/seconds, at(0.5), at(0.99),
		us(cpu)/float64(len(all)))
}

func number(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value <= 0 {
		log.Fatalf("put: %q is no number", text)
	}
	return value
}

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: put ADDRESS CLIENTS SECONDS BYTES")
	}
	clients := int(number(os.Args[2]))
	length := time.Duration(number(os.Args[3]) * float64(time.Second))
	value := string(make([]byte, int(number(os.Args[4]))))
	made := connect(os.Args[1])
	parts := make([]times, clients)
	var group sync.WaitGroup
	cpu, start := processor(), time.Now()
	for i := range parts {
		group.Add(1)
		go func() {
			defer group.Done()
			parts[i] = putUntil(made[i%connections], i, value,
				start.Add(length))
		}()
	}
	group.Wait()
	seconds := time.Since(start).Seconds()
	cpu = processor() - cpu
	var all times
	for _, part := range parts {
		all = append(all, part...)
	}
	report(all, seconds, cpu)
}
